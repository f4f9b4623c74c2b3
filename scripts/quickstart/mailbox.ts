// The admin's side of the mail: finds a mail in the mailbox directory, reads it, and writes the answer that any mail
// program would send.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { call, command, until } from './programs.ts';
import { admin, archiveSender, type Site } from './site.ts';

export interface Letter {
  readonly path: string;
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly replyTo: string;
}

const read = async (path: string): Promise<Letter> => {
  const parsed = await simpleParser(readFileSync(path));
  return {
    path,
    subject: parsed.subject ?? '',
    text: (parsed.text ?? '').replace(/\r\n/g, '\n'),
    messageId: parsed.messageId ?? '',
    replyTo: parsed.replyTo?.value[0]?.address ?? '',
  };
};

/** Waits for a mail whose subject begins so. */
export async function awaitLetter(site: Site, subject: string, seconds: number): Promise<Letter> {
  const wanted = `Subject: ${subject}`;
  const path = await until(`a mail "${subject} …" in ${site.mailbox}`, seconds, () => {
    const names = readdirSync(site.mailbox).filter((name) => !name.startsWith('.'));
    return (
      names
        .map((name) => join(site.mailbox, name))
        .find((file) =>
          readFileSync(file, 'latin1')
            .replace(/\r?\n[ \t]+/g, ' ')
            .includes(`\n${wanted}`),
        ) ?? null
    );
  });
  return read(path);
}

/** Whether gpg says that the buildd's own key signed the mail. */
export function isSignedByBuildd(site: Site, letter: Letter): boolean {
  const raw = readFileSync(letter.path, 'latin1');
  const boundary = /boundary="?([^";\r\n]+)"?/.exec(raw)?.[1] ?? '';
  const [, signedPart = '', signaturePart = ''] = raw.split(
    new RegExp(`(?:^|\\r?\\n)--${boundary.replace(/[^A-Za-z0-9]/g, '\\$&')}\\r?\\n`),
  );
  const files = { text: join(site.root, 'signed-part'), signature: join(site.root, 'signature') };
  writeFileSync(files.text, signedPart.replace(/\r?\n/g, '\r\n'), 'latin1');
  writeFileSync(files.signature, signaturePart.slice(signaturePart.indexOf('-----BEGIN')), 'latin1');
  const status = call('gpg', [
    '--homedir',
    join(site.home, 'gnupg'),
    '--batch',
    '--status-fd',
    '1',
    '--verify',
    files.signature,
    files.text,
  ]);
  return status.includes(`VALIDSIG ${site.builddFingerprint}`);
}

/** The unsigned .changes at the very end of a log mail. */
export function changesIn(letter: Letter): string {
  const start = letter.text.lastIndexOf('\nFormat: 1.8');
  if (start < 0) throw new Error('the log mail does not end with a .changes');
  return letter.text.slice(start + 1).trimEnd() + '\n';
}

/** Clearsigns a text with the admin's key. */
export function signed(site: Site, text: string): string {
  return call('gpg', ['--homedir', site.adminKeys, '--batch', '--local-user', site.adminFingerprint, '--clearsign'], {
    input: text,
  });
}

/** Sends an answer to a mail: through the .forward command, as a mail server would hand it over. */
export function answer(site: Site, letter: Letter, body: string): string {
  const raw = [
    `From: Example Admin <${admin}>`,
    `To: ${letter.replyTo}`,
    `Subject: Re: ${letter.subject}`,
    `In-Reply-To: ${letter.messageId}`,
    `Message-ID: <${Date.now()}.${Math.floor(Math.random() * 1e9)}@example.org>`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    body,
  ].join('\n');
  return deliver(site, raw);
}

/** Plays the archive: it says that an upload was accepted. */
export function announceAccepted(site: Site, changes: string, source: string, version: string): string {
  const raw = [
    `From: Example Archive <${archiveSender}>`,
    'To: buildd@buildd.example.org',
    `Subject: ${changes} ACCEPTED into sid`,
    `Message-ID: <accepted.${Date.now()}@archive.example.org>`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    '',
    'Accepted:',
    '',
    `Source: ${source}`,
    `Version: ${version}`,
    '',
  ].join('\n');
  return deliver(site, raw);
}

let sent = 0;
const deliver = (site: Site, raw: string): string => {
  sent += 1;
  const path = join(site.root, `sent-${sent}.eml`);
  writeFileSync(path, raw);
  call(command('buildd-mail'), ['--home', site.home], { input: raw });
  return path;
};
