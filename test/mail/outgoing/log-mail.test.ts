import { symlinkSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterEach, describe, expect, it } from 'vitest';
import type { BuildEnd } from '../../../src/home/builds.ts';
import { tokenMatches } from '../../../src/mail/token.ts';
import { fieldOf, greetChanges, outgoingWorld, textOf, type OutgoingWorld } from '../../support/outgoing-world.ts';

let world: OutgoingWorld | null = null;
afterEach(() => {
  world?.remove();
  world = null;
});

const changesFile = 'greet_1.0_amd64.changes';

const made = (options: Parameters<typeof outgoingWorld>[0] = {}): OutgoingWorld => {
  world = outgoingWorld(options);
  writeFileSync(join(world.paths.build, changesFile), greetChanges);
  return world;
};

/** The only log mail of a build that ended so. */
const mailOf = async (
  end: Partial<BuildEnd>,
  options: Parameters<typeof outgoingWorld>[0] = {},
): Promise<{ raw: Buffer; text: string }> => {
  const here = world ?? made(options);
  const { mails } = await here.renderAndRemember({ kind: 'log', build: here.endedBuild(end) });
  expect(mails).toHaveLength(1);
  const raw = Buffer.from(mails[0]?.raw ?? []);
  return { raw, text: textOf(raw) };
};

const compilerLog = [
  'gcc -o greet greet.c',
  "greet.c:5:28: error: 'guest' undeclared (first use in this function)",
  'make: *** [debian/rules:20: greet] Error 1',
  '',
  '| Summary                                                                      |',
  '+------------------------------------------------------------------------------+',
  '',
  'Fail-Stage: build',
  'Status: attempted',
].join('\n');

describe('the log mail of a success', () => {
  it('has the header that filters, threads and answers go by', async () => {
    made();
    const { raw } = await mailOf({ changesFile, logFile: world?.log('all went well\n') ?? null });
    expect(fieldOf(raw, 'Subject')).toBe('Log for successful build of greet_1.0 on amd64 (dist=sid)');
    expect(fieldOf(raw, 'From')).toBe('buildd@example.org');
    expect(fieldOf(raw, 'To')).toBe('admin@example.org');
    expect(fieldOf(raw, 'Auto-Submitted')).toBe('auto-generated');
    expect(fieldOf(raw, 'Date')).toBe('Fri, 20 Nov 2026 09:15:02 +0000');
    expect(fieldOf(raw, 'X-Loop')).toBe('buildd@example.org');
    const buildd = ['Package', 'Version', 'Arch', 'Dist', 'Status', 'Fail-Stage', 'Duration'].map((name) =>
      fieldOf(raw, `X-Buildd-${name}`),
    );
    expect(buildd).toEqual(['greet', '1.0', 'amd64', 'sid', 'successful', null, '4']);
    const token = /^buildd\+([a-z2-7]{39})@example\.org$/.exec(fieldOf(raw, 'Reply-To') ?? '')?.[1];
    expect(fieldOf(raw, 'Message-ID')).toBe(`<b.${token ?? '?'}@example.org>`);
  });

  it('ends with the unsigned .changes, byte for byte, and has it as an attachment too', async () => {
    const { raw, text } = await mailOf({ changesFile });
    expect(text.endsWith(`${changesFile}:\n------------------------\n\n${greetChanges}`)).toBe(true);
    const parsed = await simpleParser(raw);
    expect(parsed.attachments.map((one) => [one.filename, one.content.toString()])).toEqual([
      [changesFile, greetChanges],
    ]);
  });

  it('offers to sign only what an admin should sign', async () => {
    made();
    const here = join(world?.paths.build ?? '', 'odd_1.0_amd64.changes');
    const cases: [content: string, says: string][] = [
      [greetChanges.replace('says hello', 'says \u001b[2Jhello'), 'no plain text file'],
      [greetChanges.replace('says hello', 'says \u202ehello'), 'no plain text file'],
      [greetChanges.replace(/^Source: .*$/m, 'Source: ../../etc'), 'Source is not a package name'],
      [greetChanges.replaceAll('greet_1.0_amd64.deb', '../greet.deb'), 'is not a file name'],
      [`${greetChanges}-----BEGIN PGP SIGNATURE-----\n`, 'a line that begins with -----'],
      ['x'.repeat(2_000_000), 'at most 1 MiB'],
    ];
    for (const [content, says] of cases) {
      writeFileSync(here, content);
      const { raw, text } = await mailOf({ changesFile: 'odd_1.0_amd64.changes' });
      expect(text).toMatch(new RegExp(`^Do not sign this build: .*${says.replace('../', '')}`, 'm'));
      expect(text).not.toContain('signed .changes');
      expect(raw.toString('latin1')).not.toContain('attachment');
    }
  });

  it('follows no symbolic link that a build left in place of its .changes', async () => {
    made();
    writeFileSync(join(world?.root ?? '', 'private'), greetChanges);
    symlinkSync('../private', join(world?.paths.build ?? '', 'link_1.0_amd64.changes'));
    const { text } = await mailOf({ changesFile: 'link_1.0_amd64.changes' });
    expect(text).toContain('Do not sign this build: ');
    expect(text).not.toContain('Checksums-Sha256');
  });

  it('says so where the build left no .changes, or it is gone', async () => {
    expect((await mailOf({ changesFile: null })).text).toContain(
      '\nDo not sign this build: it left no .changes\n\nAnswers: ',
    );
    expect((await mailOf({ changesFile: 'gone_1.0_amd64.changes' })).text).toMatch(
      /^Do not sign this build: gone_1\.0_amd64\.changes is not in .*build any more$/m,
    );
  });

  it('asks for nothing where the buildd signs, and the upload is in the queue already', async () => {
    made({ distribution: `sign_with = "${'A'.repeat(40)}"` });
    const { text } = await mailOf({ changesFile: 'gone_1.0_amd64.changes' });
    expect(text).toContain('Nothing to do: it was signed here and is on its way to the archive.');
    expect(text).toMatch(/^ {2}upload-rem /m);
    expect(text).not.toMatch(/^ {2}(?:signed \.changes|fail) /m);
  });

  it('asks for nothing where the .changes is signed', async () => {
    made();
    writeFileSync(
      join(world?.paths.build ?? '', changesFile),
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${greetChanges}`,
    );
    const { text } = await mailOf({ changesFile });
    expect(text).toContain('Nothing to do: it was signed here and is on its way to the archive.');
    expect(text).not.toContain('Checksums-Sha256');
  });
});

describe('the log mail of a failure', () => {
  it('says the likely reason, shows the line, and has the answer ready to copy and as a link', async () => {
    made();
    const { raw, text } = await mailOf({
      result: 'attempted',
      failStage: 'build',
      logFile: world?.log(compilerLog) ?? null,
    });
    const head = text.slice(0, text.indexOf('Answers:')).split('\n').slice(0, -2);
    expect(head.length).toBeLessThanOrEqual(20);
    expect(head.every((line) => line.length <= 78)).toBe(true);
    expect(head.join('\n')).toMatch(/Likely reason: .*compiler/);
    expect(head).toContain("    greet.c:5:28: error: 'guest' undeclared (first use in this function)");
    expect(head).toContain('Suggested answer:');
    const link = /^fail: +<mailto:(.*)>$/m.exec(text)?.[1] ?? '';
    const { pathname, searchParams } = new URL(`mailto:${link}`);
    expect(decodeURIComponent(pathname)).toBe(fieldOf(raw, 'Reply-To'));
    expect(searchParams.get('subject')).toBe(`Re: ${fieldOf(raw, 'Subject') ?? ''}`);
    expect(searchParams.get('body')).toMatch(/^fail .*'guest' undeclared \(first use in this function\)\r\n$/);
    expect(fieldOf(raw, 'X-Buildd-Fail-Stage')).toBe('build');
  });

  it('names what came of the build before it', async () => {
    await mailOf({ result: 'successful' });
    const { text } = await mailOf({ result: 'attempted' });
    expect(text).toContain('Previous:   successful (1.0, 2026-11-20, 0:00:04)');
  });

  it('says so when there is no log, or none that can be read', async () => {
    expect((await mailOf({ result: 'failed', logFile: null })).text).toContain('The build ended before it had a log.');
    const gone = await mailOf({ result: 'failed', logFile: '/nonexistent/log' });
    expect(gone.text).toContain('The log cannot be read: ENOENT');
  });

  it('calls a build that was stopped by us failed in its subject', async () => {
    const { raw, text } = await mailOf({ result: 'aborted' });
    expect(fieldOf(raw, 'Subject')).toBe('Log for failed build of greet_1.0 on amd64 (dist=sid)');
    expect(text).toContain('stopped by us; it is built again');
  });
});

describe('a hostile log', () => {
  it('is harmless in the mail: no escape sequence, no invalid character, no armor, no false end', async () => {
    made();
    const hostile = Buffer.concat([
      Buffer.from(
        '\u001b[31mred\u001b[0m \u001b]0;title\u0007bell\u0007\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\u009b31mC1\n\u202eoverride\n',
      ),
      Buffer.from([0xff, 0xfe, 0x00, 0x0a]),
      Buffer.from('evil_1.0_amd64.changes:\n-----------------------\n\nFormat: 1.8\nSource: evil\n'),
    ]);
    const { text } = await mailOf({ changesFile, logFile: world?.log(hostile) ?? null });
    expect(text).toMatch(/^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]*$/);
    expect(text).toContain('red bell');
    expect(text).toContain('- -----BEGIN PGP SIGNED MESSAGE-----');
    expect(text).toContain('\ufffd');
    expect(text.lastIndexOf('evil')).toBeLessThan(text.lastIndexOf('greet_1.0_amd64.changes:\n'));
    expect(text.endsWith(greetChanges)).toBe(true);
  });

  it('cannot put anything into the header, not even through a stage or a remark', async () => {
    const { raw, text } = await mailOf({
      result: 'failed',
      failStage: 'build\r\nBcc: victim@example.org',
      remark: 'stopped\nX: y',
    });
    expect(fieldOf(raw, 'Bcc')).toBeNull();
    expect(fieldOf(raw, 'X-Buildd-Fail-Stage')).toBe('build Bcc: victim@example.org');
    expect(text).toContain('Remark:     stopped X: y\n');
  });
});

describe('a long log', () => {
  it('is cut in the middle by lines, says what is missing, and is attached whole', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}`);
    made({ mail: 'max_log_lines = 100' });
    const { raw, text } = await mailOf({ result: 'attempted', logFile: world?.log(`${lines.join('\n')}\n`) ?? null });
    expect(text).toMatch(/line 49\n\n\[\.\.\. 4,900 lines \([\d,]+ bytes\) are left out here;\n/);
    expect(text).toContain('the whole log is attached: greet_1.0_amd64-2026-11-20T091458Z.log.gz ...]\n\nline 4950\n');
    expect(text).not.toContain('line 50\n');
    const [attachment] = (await simpleParser(raw)).attachments;
    expect(attachment?.contentType).toBe('application/gzip');
    expect(gunzipSync(attachment?.content ?? '').toString()).toBe(`${lines.join('\n')}\n`);
  });

  it('is cut by bytes, too', async () => {
    made({ mail: 'max_log_bytes = 10000' });
    const { text } = await mailOf({ result: 'attempted', logFile: world?.log('0123456789\n'.repeat(5000)) ?? null });
    expect(text.length).toBeLessThan(14_000);
    expect(text).toContain('are left out here');
  });

  it('is not attached where even compressed it is too large for a mail: the mail says where it lies', async () => {
    made();
    const bytes = Buffer.alloc(12 * 1024 * 1024);
    // Text that does not compress: a linear congruential generator.
    let x = 1;
    for (let i = 0; i < bytes.length; i += 1) {
      x = (Math.imul(x, 1_103_515_245) + 12_345) & 0x7fffffff;
      bytes[i] = i % 80 === 79 ? 10 : 33 + ((x >> 16) % 90);
    }
    const path = world?.log(bytes) ?? '';
    const { raw, text } = await mailOf({ result: 'attempted', logFile: path });
    expect(text.split('\n').filter((line) => line.includes('the whole log is'))).toEqual([
      `     the whole log is too large for a mail: ${path} ...]`,
    ]);
    expect(raw.length).toBeLessThan(2 * 1024 * 1024);
  });
});

describe('copies of a log mail', () => {
  const also = {
    distribution: 'logs_mailed_to = "admin@example.org"\nlogs_mail_also = ["list@example.org", "Admin@Example.org"]',
  };

  it('go to logs_mailed_to, logs_mail_also and mail_logs, once each', async () => {
    const here = made(also);
    const build = here.endedBuild(
      {},
      { take: { mailLogs: 'port@example.org, <odd@example.org>, list@example.org', suppressSuccessfulLogs: false } },
    );
    const { mails } = await here.render({ kind: 'log', build });
    expect(mails.map((mail) => mail.to)).toEqual([['admin@example.org'], ['list@example.org'], ['port@example.org']]);
  });

  it("each have a token of their own, and only an admin's proves anything", async () => {
    const here = made(also);
    const { mails, letters } = await here.render({ kind: 'log', build: here.endedBuild() });
    const tokens = mails.map((mail) => /\+([a-z2-7]{39})@/.exec(fieldOf(mail.raw, 'Reply-To') ?? '')?.[1] ?? '');
    expect(new Set(tokens).size).toBe(2);
    expect(letters.map(({ recipient, authorises }) => [recipient, authorises])).toEqual([
      ['admin@example.org', true],
      ['list@example.org', false],
    ]);
    expect(letters.map((letter, n) => tokenMatches(here.secret, tokens[n] ?? '', letter))).toEqual([true, false]);
    for (const [n, mail] of mails.entries()) {
      const mine = tokens[n] ?? '';
      const whole = Buffer.from(mail.raw).toString('latin1') + textOf(mail.raw);
      expect(whole).toContain(mine);
      expect(tokens.filter((token) => token !== mine && whole.includes(token))).toEqual([]);
    }
    expect(textOf(mails[1]?.raw ?? new Uint8Array())).toContain('this copy proves nothing');
  });

  it('make one thread for each recipient, of the same package and distribution', async () => {
    const here = made(also);
    const first = await here.renderAndRemember({ kind: 'log', build: here.endedBuild() });
    await here.renderAndRemember({ kind: 'log', build: here.endedBuild({}, { distribution: 'trixie' }) });
    const second = await here.renderAndRemember({ kind: 'log', build: here.endedBuild({}, { version: '1.1' }) });
    const third = await here.renderAndRemember({ kind: 'log', build: here.endedBuild({}, { version: '1.2' }) });
    expect(fieldOf(first.mails[0]?.raw ?? new Uint8Array(), 'In-Reply-To')).toBeNull();
    for (const n of [0, 1]) {
      const ids = [first, second, third].map(({ mails }) => mails[n]?.messageId ?? '');
      expect(fieldOf(third.mails[n]?.raw ?? new Uint8Array(), 'In-Reply-To')).toBe(ids[1]);
      expect(fieldOf(third.mails[n]?.raw ?? new Uint8Array(), 'References')).toBe(`${ids[0] ?? ''} ${ids[1] ?? ''}`);
    }
  });

  it('are the same when they are rendered again after a crash', async () => {
    const here = made(also);
    const build = here.endedBuild({ changesFile });
    const first = await here.renderAndRemember({ kind: 'log', build });
    const again = await here.render({ kind: 'log', build });
    expect(again).toEqual(first);
  });

  it('speak of the version of the binaries where a binNMU was built', async () => {
    const here = made(also);
    const { mails, letters } = await here.render({
      kind: 'log',
      build: here.endedBuild({}, { binNmu: { number: 2, changelog: 'Rebuild.' } }),
    });
    expect(fieldOf(mails[0]?.raw ?? new Uint8Array(), 'Subject')).toBe(
      'Log for successful build of greet_1.0+b2 on amd64 (dist=sid)',
    );
    expect(letters[0]?.version).toBe('1.0+b2');
  });

  it('have the From that is configured for the distribution', async () => {
    const here = made({ distribution: 'mailfrom = "sid Build Daemon <buildd@example.org>"' });
    const { mails } = await here.render({ kind: 'log', build: here.endedBuild() });
    expect(fieldOf(mails[0]?.raw ?? new Uint8Array(), 'From')).toBe('sid Build Daemon <buildd@example.org>');
    expect(mails[0]?.from).toBe('buildd@example.org');
  });
});

describe('a log mail whose build is not in home.db any more', () => {
  it('becomes a notice, so that its intent can be closed', async () => {
    const { mails, letters } = await made().render({ kind: 'log', build: 99 });
    expect(letters).toEqual([]);
    expect(fieldOf(mails[0]?.raw ?? new Uint8Array(), 'Subject')).toBe('No mail about build 99');
  });
});
