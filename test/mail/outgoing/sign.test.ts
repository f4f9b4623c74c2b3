import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endAgent, makeSigningKey } from '../../support/gpg-key.ts';
import { fieldOf, greetChanges, outgoingWorld, textOf, type OutgoingWorld } from '../../support/outgoing-world.ts';

let world: OutgoingWorld;
let key: string;
beforeAll(() => {
  world = outgoingWorld();
  key = makeSigningKey(world.paths.gnupg, 'buildd <buildd@example.org>');
});
afterAll(() => {
  endAgent(world.paths.gnupg);
  world.remove();
});

const signing = (fingerprint: string): OutgoingWorld['conf'] => ({
  ...world.conf,
  mail: { ...world.conf.mail, sign_logs_with: fingerprint },
});

const hostileLog =
  'From the start\n.\ntrailing blanks   \n\ttab\t\nGrüße\n-----BEGIN PGP SIGNED MESSAGE-----\n-- \n\xff\n'.repeat(20);

const logMail = async (conf: OutgoingWorld['conf'], mode: 'signed' | 'unsigned' = 'signed'): Promise<Buffer> => {
  writeFileSync(join(world.paths.build, 'greet_1.0_amd64.changes'), greetChanges);
  const build = world.endedBuild({ logFile: world.log(hostileLog), changesFile: 'greet_1.0_amd64.changes' });
  const { mails } = await outgoing(conf, build);
  const raw = Buffer.from(mails[0]?.raw ?? []);
  expect(raw.includes('multipart/signed')).toBe(mode === 'signed');
  return raw;
};

const outgoing = (conf: OutgoingWorld['conf'], build: number) =>
  world.render({ kind: 'log', build }, null, 'home-1', conf);

/** The signed bytes and the signature, cut out of the mail by its boundary as RFC 3156 §5 says. */
const cutOut = (raw: Buffer): { signed: Buffer; signature: Buffer } => {
  const boundary = /boundary="([^"]+)"/.exec(fieldOf(raw, 'Content-Type') ?? '')?.[1] ?? '';
  const marks: number[] = [];
  for (let at = raw.indexOf(`--${boundary}`); at >= 0; at = raw.indexOf(`--${boundary}`, at + 1)) marks.push(at);
  const [first = 0, second = 0, third = 0] = marks;
  const signed = raw.subarray(raw.indexOf('\r\n', first) + 2, second - 2);
  const part = raw.subarray(raw.indexOf('\r\n', second) + 2, third - 2);
  return { signed, signature: part.subarray(part.indexOf('\r\n\r\n') + 4) };
};

const verify = (raw: Buffer): string => {
  const { signed, signature } = cutOut(raw);
  const directory = join(world.root, 'verify');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'signed'), signed);
  writeFileSync(join(directory, 'signature'), signature);
  return execFileSync(
    'gpg',
    [
      '--homedir',
      world.paths.gnupg,
      '--batch',
      '--status-fd',
      '1',
      '--verify',
      join(directory, 'signature'),
      join(directory, 'signed'),
    ],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
};

describe('a signed log mail', () => {
  it('is PGP/MIME that the real gpg verifies, with the algorithm that it names', async () => {
    const raw = await logMail(signing(key));
    expect(fieldOf(raw, 'Content-Type')).toMatch(
      /^multipart\/signed; micalg=pgp-sha512; protocol="application\/pgp-signature"; boundary=/,
    );
    const status = verify(raw);
    expect(status).toContain('[GNUPG:] GOODSIG');
    // The eighth word of VALIDSIG is the hash algorithm: 10 is SHA-512.
    expect(/VALIDSIG (\S+ ){7}(\d+)/.exec(status)?.[2]).toBe('10');
  });

  it('has a text and attachments under the signature, and nothing of the mail outside of it', async () => {
    const raw = await logMail(signing(key));
    const { signed } = cutOut(raw);
    expect(textOf(signed)).toContain('Log: greet_1.0_amd64-2026');
    expect(textOf(signed).trimEnd().endsWith(greetChanges.trimEnd())).toBe(true);
    expect(signed.toString('latin1')).toContain('filename="greet_1.0_amd64.changes"');
  });

  it('still verifies after a mailbox has changed its line ends, and has nothing that a mail server changes', async () => {
    const raw = await logMail(signing(key));
    const stored = raw.toString('latin1').replaceAll('\r\n', '\n');
    expect(stored).toMatch(/^[\t\n\x20-\x7e]*$/);
    expect(stored.split('\n').filter((line) => /[ \t]$|^From |^\.$/.test(line) || line.length > 998)).toEqual([]);
    expect(verify(Buffer.from(stored.replaceAll('\n', '\r\n'), 'latin1'))).toContain('[GNUPG:] GOODSIG');
  });

  it('does not verify when a byte of the log was changed', async () => {
    const raw = await logMail(signing(key));
    const at = raw.indexOf('successful');
    const changed = Buffer.from(raw);
    changed.write('SUCCESSFUL', raw.indexOf('successful', at + 400));
    expect(() => verify(changed)).toThrow();
  });
});

describe('a log mail that cannot be signed', () => {
  it('goes out unsigned and says so, and why, in its first line', async () => {
    const raw = await logMail(signing('0'.repeat(40)), 'unsigned');
    expect(textOf(raw).split('\n')[0]).toMatch(/^This mail is not signed: gpg: .*(No secret key|skipped)/);
    expect(textOf(raw)).toContain('Result:     successful');
    expect(textOf(raw).trimEnd().endsWith(greetChanges.trimEnd())).toBe(true);
  });

  it('says that gpg is not installed where it is not', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = join(world.root, 'empty');
    try {
      const raw = await logMail(signing(key), 'unsigned');
      expect(textOf(raw).split('\n')[0]).toBe('This mail is not signed: gpg cannot be started (ENOENT); install gnupg');
    } finally {
      process.env['PATH'] = path;
    }
  });
});
