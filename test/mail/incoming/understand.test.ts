import { describe, expect, it } from 'vitest';
import type { IncomingContext, Letter } from '../../../src/mail/incoming/context.ts';
import { understand } from '../../../src/mail/incoming/understand.ts';
import type { Understood } from '../../../src/mail/incoming/understood.ts';
import { makeToken } from '../../../src/mail/token.ts';
import {
  changesText,
  everything,
  gpgHome,
  incomingContext,
  logSubject,
  pgpMime,
  rawMail,
} from '../../support/incoming-mail.ts';

const gpg = gpgHome();
const admin = gpg.key('Admin <admin@example.org>');
const second = gpg.key('Second <second@example.org>');
const mallory = gpg.key('Admin <admin@example.org> (mallory)');
const keys = [gpg.armored(admin), gpg.armored(second)];
const secret = Buffer.alloc(32, 5);
const letter: Letter = {
  kind: 'log',
  recipient: 'admin@example.org',
  build: 7,
  claim: 2,
  package: 'hello',
  version: '2.10-3',
  distribution: 'unstable',
  architecture: 'amd64',
  messageId: 'b.x@example.org',
  created: new Date(Date.now() - 3_600_000),
  answered: null,
  approved: 'not approved',
};
const strictAuth = 'admin_addresses = ["admin@example.org"]';
const withTokens = (letters: readonly Letter[], auth = strictAuth): IncomingContext =>
  incomingContext({
    auth,
    keys,
    more: { tokens: { secret, lettersOf: (build) => letters.filter((one) => one.build === build) } },
  });
const token = makeToken(secret, letter);
const lax = incomingContext({ keys });
const strict = incomingContext({ auth: strictAuth, keys });

const read = async (raw: Buffer, context: IncomingContext = strict): Promise<Understood> => {
  const [understood, ...others] = await understand(raw, context);
  if (understood === undefined || others.length > 0) throw new Error('not exactly one answer');
  return understood;
};
const unauthenticated = { decision: 'refuse', code: 'unauthenticated', action: 'none', argument: null };

describe('a keyword without any proof', () => {
  it('is refused by default, although From is the admin, and the admin is told', async () => {
    const understood = await read(rawMail('purge\n'));
    expect(understood).toMatchObject({
      ...unauthenticated,
      kind: 'log-reply',
      package: 'hello',
      auth: { method: 'none', ok: false },
    });
    expect(understood.mail.answerTo).toBe('admin@example.org');
  });

  it('of a stranger is refused and not answered', async () => {
    const understood = await read(rawMail('purge\n', { From: 'mallory@example.org' }), lax);
    expect(understood).toMatchObject(unauthenticated);
    expect(understood.mail).toMatchObject({ answerTo: null, noAnswer: 'the sender is no admin' });
  });

  it('is obeyed where the sender rule is in force', async () => {
    expect(await read(rawMail('giveback 3\n'), lax)).toMatchObject({
      decision: 'apply',
      action: 'give-back',
      priority: 3,
      auth: { method: 'sender', ok: true },
    });
  });

  it.each<[string, Record<string, string | null>]>([
    ['no From', { From: null }],
    ['two mailboxes in From', { From: 'admin@example.org, mallory@example.org' }],
    ['an address in the name only', { From: '"Admin <admin@example.org>" <mallory@example.org>' }],
    ['a group in From', { From: 'A: admin@example.org;' }],
    [
      'the admin in Reply-To and Sender',
      { From: 'mallory@example.org', 'Reply-To': 'admin@example.org', Sender: 'admin@example.org' },
    ],
    ['a second From', { from: 'mallory@example.org' }],
    ['a second Subject', { subject: 'Re: Log for failed build of other_1 on amd64 (dist=unstable)' }],
  ])('is refused even then with %s', async (_, fields) => {
    expect(await read(rawMail('purge\n', fields), lax)).toMatchObject(unauthenticated);
  });

  it('is refused when our mail server says that From is forged, and nobody else is believed', async () => {
    const auth = `${everything}\ntrusted_authserv_id = "mx.example.org"`;
    const context = incomingContext({ auth, keys });
    const forged = { 'Authentication-Results': 'mx.example.org; dmarc=fail header.from=example.org' };
    expect(await read(rawMail('purge\n', forged), context)).toMatchObject({
      ...unauthenticated,
      reason: expect.stringContaining('forged') as string,
    });
    const foreign = { 'Authentication-Results': 'mx.elsewhere.example.org; dmarc=fail header.from=example.org' };
    expect(await read(rawMail('purge\n', foreign), context)).toMatchObject({ decision: 'apply' });
  });
});

describe('a token', () => {
  it.each<[string, Record<string, string>]>([
    ['the address', { To: `buildd+${token}@example.org` }],
    ['Cc', { Cc: `x@example.org, Buildd <buildd+${token.toUpperCase()}@EXAMPLE.org>` }],
    ['Delivered-To', { 'Delivered-To': `buildd+${token}@example.org` }],
    ['X-Original-To', { 'X-Original-To': `buildd+${token}@example.org` }],
    ['In-Reply-To', { 'In-Reply-To': `<b.${token}@example.org>` }],
    ['References', { References: `<a@example.org> <b.${token}@example.org>` }],
  ])('in %s proves the answer', async (_, fields) => {
    expect(await read(rawMail('retry\n', fields), withTokens([letter]))).toMatchObject({
      decision: 'apply',
      action: 'retry',
      auth: { method: 'token', ok: true, key: null },
      token: { build: 7, claim: 2, messageId: 'b.x@example.org' },
      admins: ['admin@example.org'],
    });
  });

  it.each<[string, Partial<Letter>, Record<string, string>, string]>([
    ['of another home', { claim: 3 }, {}, 'none of ours'],
    ['for another recipient', {}, { From: 'second@example.org' }, 'somebody else'],
    ['under another subject', {}, { Subject: logSubject.replace('hello', 'hullo') }, 'another package'],
    ['under another version', {}, { Subject: logSubject.replace('2.10-3', '2.10-4') }, 'another package'],
    ['under another distribution', {}, { Subject: logSubject.replace('unstable', 'experimental') }, 'another package'],
    ['under another architecture', {}, { Subject: logSubject.replace('amd64', 'arm64') }, 'another package'],
    [
      'under another kind of subject',
      {},
      { Subject: 'Re: Should I build hello_2.10-3 (dist=unstable)?' },
      'another kind of mail',
    ],
    [
      'that was used',
      { answered: 'was answered already: "retry" by x' },
      {},
      'the mail was answered already: "retry" by x',
    ],
    ['that is old', { created: new Date(Date.now() - 15 * 86_400_000) }, {}, 'older than 14 days'],
  ])('%s is refused, also where a sender alone would do', async (_, change, fields, reason) => {
    const raw = rawMail('purge\n', { 'In-Reply-To': `<b.${token}@example.org>`, ...fields });
    for (const auth of [strictAuth, everything]) {
      expect(await read(raw, withTokens([{ ...letter, ...change }], auth))).toMatchObject({
        ...unauthenticated,
        reason: expect.stringContaining(reason) as string,
      });
    }
  });

  it('of somebody who is no admin any more is refused', async () => {
    const context = withTokens([letter], 'admin_addresses = ["second@example.org"]');
    expect(await read(rawMail('purge\n', { 'In-Reply-To': `<b.${token}@example.org>` }), context)).toMatchObject(
      unauthenticated,
    );
  });

  it('proves nothing where there is no store to ask', async () => {
    const raw = rawMail('retry\n', { 'In-Reply-To': `<b.${token}@example.org>` });
    expect(await read(raw)).toMatchObject({ ...unauthenticated, auth: { method: 'token', ok: false, key: null } });
    expect(await read(raw, lax)).toMatchObject({ decision: 'apply', auth: { method: 'sender' } });
  });

  it('is never enough for a .changes', async () => {
    const raw = rawMail(changesText(), { 'In-Reply-To': `<b.${token}@example.org>` });
    expect(await read(raw, withTokens([letter]))).toMatchObject({
      decision: 'refuse',
      code: 'not-understood',
      changes: null,
    });
  });
});

describe('a signed .changes', () => {
  it('approves the upload, whatever From says', async () => {
    const block = gpg.clearsign(changesText(), admin);
    const understood = await read(rawMail(`Hi,\n${block}bye\n`, { From: 'me@elsewhere.example.org' }));
    expect(understood).toMatchObject({
      decision: 'apply',
      action: 'changes',
      argument: {
        source: 'hello',
        version: '2.10-3',
        distribution: 'unstable',
        architecture: 'amd64',
        files: [{ name: 'hello_2.10-3_amd64.deb', size: 634 }],
      },
      auth: { method: 'signature', ok: true, key: admin },
      changes: { form: 'signed' },
    });
    expect(Buffer.from(understood.changes?.bytes ?? []).toString()).toBe(block);
    expect(understood.replay?.fingerprint).toBe(admin);
  });

  it('names the build it answers where a token does', async () => {
    const raw = rawMail(gpg.clearsign(changesText(), admin), { 'In-Reply-To': `<b.${token}@example.org>` });
    expect(await read(raw, withTokens([letter]))).toMatchObject({ action: 'changes', token: { build: 7 } });
  });

  it('may be PGP/MIME, also below the footer of a list; its text is then queued unsigned', async () => {
    const { body, contentType } = pgpMime(gpg, `Content-Type: text/plain\n\n${changesText()}`, admin);
    const wrapped = `--w\n\npurge\n--w\nContent-Type: ${contentType}\n\n${body}\n--w\n\nfooter\n--w--\n`;
    for (const raw of [
      rawMail(body, { 'Content-Type': contentType }),
      rawMail(wrapped, { 'Content-Type': 'multipart/mixed; boundary=w' }),
    ]) {
      const understood = await read(raw);
      expect(understood).toMatchObject({ decision: 'apply', action: 'changes', changes: { form: 'unsigned' } });
      expect(
        Buffer.from(understood.changes?.bytes ?? [])
          .toString()
          .trimEnd(),
      ).toBe(changesText().trimEnd());
    }
  });

  it('survives a program that declares format=flowed and stuffs', async () => {
    const stuffed = gpg.clearsign(changesText(), admin).replace(/^ /gm, '  ');
    expect(await read(rawMail(stuffed, { 'Content-Type': 'text/plain; format=flowed' }))).toMatchObject({
      action: 'changes',
      decision: 'apply',
    });
    expect(await read(rawMail(stuffed))).toMatchObject(unauthenticated);
  });

  it.each<[string, Record<string, string>, string]>([
    ['another package', { Source: 'hullo' }, 'the .changes is of hullo'],
    ['another version', { Version: '2.10-4' }, 'the .changes is of hello_2.10-4'],
    ['another distribution', { Distribution: 'experimental' }, 'the .changes is for experimental'],
    ['another architecture', { Architecture: 'arm64' }, 'the .changes is of arm64'],
  ])('of %s than the subject is refused', async (_, fields, reason) => {
    expect(await read(rawMail(gpg.clearsign(changesText(fields), admin)))).toMatchObject({
      ...unauthenticated,
      changes: null,
      reason: expect.stringContaining(reason) as string,
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['a path for a file', { 'Checksums-Sha256': `\n ${'ab'.repeat(32)} 1 ../../etc/passwd` }, 'not a file name'],
    ['a distribution that is not built here', { Distribution: 'unstable frozen' }, 'frozen is not a distribution'],
    ['no checksum for a file', { 'Checksums-Sha256': '' }, 'different files'],
  ])('with %s is not understood', async (_, fields, reason) => {
    expect(await read(rawMail(gpg.clearsign(changesText(fields), admin)))).toMatchObject({
      decision: 'refuse',
      code: 'not-understood',
      reason: expect.stringContaining(reason) as string,
    });
  });

  it('needs the role for every distribution it names', async () => {
    const auth = `[[auth.admins]]
addresses = ["admin@example.org"]
fingerprints = ["${admin}"]
roles = ["changes"]
distributions = ["unstable"]
[[auth.admins]]
addresses = ["second@example.org"]
fingerprints = ["${second}"]
roles = ["retry"]`;
    const context = incomingContext({ auth, keys });
    const both = changesText({ Distribution: 'unstable experimental' });
    expect(await read(rawMail(gpg.clearsign(changesText(), admin)), context)).toMatchObject({ decision: 'apply' });
    expect(await read(rawMail(gpg.clearsign(both, admin)), context)).toMatchObject(unauthenticated);
    expect(await read(rawMail(gpg.clearsign(changesText(), second)), context)).toMatchObject(unauthenticated);
  });

  it('of a key that no admin entry names is refused', async () => {
    const auth = `[[auth.admins]]\naddresses = ["admin@example.org"]\nfingerprints = ["${admin}"]`;
    const understood = await read(rawMail(gpg.clearsign(changesText(), second)), incomingContext({ auth, keys }));
    expect(understood).toMatchObject({ ...unauthenticated, auth: { ok: false, key: second } });
  });
});

describe('a signature that is there and bad', () => {
  const good = gpg.clearsign(changesText(), admin);
  it.each([
    ['of a stranger', gpg.clearsign('retry\n', mallory)],
    ['over another text', gpg.clearsign('retry\n', admin).replace('retry', 'purge')],
    ['with a foreign armor header', good.replace('Hash:', 'Distribution: experimental\nHash:')],
    ['without its signature', good.slice(0, good.indexOf('-----BEGIN PGP SIGNATURE'))],
    ['and a second one', `${good}\n${good}`],
    ['below a keyword', `purge\n\n${gpg.clearsign('retry\n', mallory)}`],
  ])('refuses the mail even where a sender alone would do: %s', async (_, body) => {
    expect(await read(rawMail(body), lax)).toMatchObject({
      ...unauthenticated,
      auth: { method: 'signature', ok: false },
    });
  });

  it.each([
    [
      'three parts',
      (text: string) =>
        text.replace('--=-s\nContent-Type: application', '--=-s\n\nx\n--=-s\nContent-Type: application'),
      'two parts',
    ],
    [
      'another type',
      (text: string) => text.replace('application/pgp-signature; name', 'application/octet-stream; name'),
      'RFC 3156',
    ],
    ['more than 3 MiB', (text: string) => text.replace('retry', 'retry\n'.repeat(600_000)), 'larger than 3 MiB'],
    ['a changed byte', (text: string) => text.replace('retry', 'purge'), 'bad'],
    ['a signed part inside', (text: string) => text, 'in the signed part'],
  ])('refuses PGP/MIME with %s', async (title, change, reason) => {
    const inner = title === 'a signed part inside' ? gpg.clearsign('retry\n', admin) : 'retry\n';
    const { body, contentType } = pgpMime(gpg, `Content-Type: text/plain\n\n${inner}`, admin);
    const understood = await read(rawMail(change(body), { 'Content-Type': contentType }), lax);
    expect(understood).toMatchObject({ ...unauthenticated, reason: expect.stringContaining(reason) as string });
  });

  it('that is only quoted is none', async () => {
    expect(await read(rawMail(good.replace(/^/gm, '> ')), lax)).toMatchObject({ code: 'not-understood' });
  });

  it('is refused where signatures are not accepted at all', async () => {
    const context = incomingContext({
      auth: 'admin_addresses = ["admin@example.org"]\naccept = ["token", "sender"]',
      keys,
    });
    expect(await read(rawMail(good), context)).toMatchObject(unauthenticated);
  });
});

describe('a signed keyword', () => {
  const signed = gpg.clearsign('retry\n', admin);
  const mime = (header: string): Buffer => {
    const { body, contentType } = pgpMime(gpg, `${header}Content-Type: text/plain; hp="clear"\n\nretry\n`, admin);
    return rawMail(body, { 'Content-Type': contentType });
  };

  it('could belong to any log, so that it also needs the token', async () => {
    expect(await read(rawMail(signed))).toMatchObject({
      ...unauthenticated,
      reason: expect.stringContaining('nothing ties') as string,
    });
    const raw = rawMail(signed, { 'In-Reply-To': `<b.${token}@example.org>` });
    expect(await read(raw, withTokens([letter]))).toMatchObject({
      decision: 'apply',
      action: 'retry',
      auth: { method: 'signature', key: admin },
      token: { build: 7 },
    });
  });

  it('is tied to the log by a signed subject and recipient', async () => {
    expect(await read(mime(`Subject: ${logSubject}\nTo: buildd@example.org\n`))).toMatchObject({
      decision: 'apply',
      action: 'retry',
    });
    expect(await read(mime(`Subject: ${logSubject}\n`))).toMatchObject(unauthenticated);
  });

  it.each([
    ['subject', `Subject: ${logSubject.replace('hello', 'hullo')}\nTo: buildd@example.org\n`],
    ['recipient', `Subject: ${logSubject}\nTo: buildd@other.example.org\n`],
  ])('with another signed %s was moved here and is refused, also where a sender alone would do', async (_, header) => {
    expect(await read(mime(header), lax)).toMatchObject({
      ...unauthenticated,
      reason: expect.stringContaining('another') as string,
    });
  });

  it('is the only text that is read', async () => {
    expect(await read(rawMail(`purge\n${signed}purge\n`), lax)).toMatchObject({ decision: 'apply', action: 'retry' });
  });
});

describe('a proven answer', () => {
  it.each([
    ['not a keyword', logSubject, 'hello there', 'is not a keyword'],
    ['a name that is none', logSubject.replace('hello', 'hello$(id)'), 'retry', 'is not a name'],
    [
      'a distribution that is not built here',
      logSubject.replace('unstable', 'frozen'),
      'retry',
      'frozen is not a distribution',
    ],
  ])('is refused as not understood, to be told why: %s', async (_, Subject, body, reason) => {
    const understood = await read(rawMail(body, { Subject }), lax);
    expect(understood).toMatchObject({
      decision: 'refuse',
      code: 'not-understood',
      reason: expect.stringContaining(reason) as string,
    });
    expect(understood.mail.answerTo).toBe('admin@example.org');
  });

  it('is refused where the admin has not that role there', async () => {
    const auth = `accept = ["sender"]\n[[auth.admins]]\naddresses = ["admin@example.org"]\nroles = ["retry"]\ndistributions = ["unstable"]`;
    const context = incomingContext({ auth });
    expect(await read(rawMail('retry'), context)).toMatchObject({ decision: 'apply' });
    expect(await read(rawMail('help'), context)).toMatchObject({ decision: 'apply', action: 'help' });
    expect(await read(rawMail('purge'), context)).toMatchObject(unauthenticated);
    expect(
      await read(rawMail('retry', { Subject: logSubject.replace('unstable', 'experimental') }), context),
    ).toMatchObject(unauthenticated);
  });

  it.each([{ 'List-Id': '<x.example.org>' }, { Precedence: 'bulk' }, { 'X-Auto-Response-Suppress': 'All' }])(
    'is obeyed but not answered with %o',
    async (fields) => {
      const understood = await read(rawMail('retry', fields), lax);
      expect(understood.decision).toBe('apply');
      expect(understood.mail.answerTo).toBeNull();
    },
  );

  it('carries what an answer to it needs', async () => {
    const { mail } = await read(
      rawMail('retry\n\n> \u001b[2Jlog', { References: '<a@example.org> <b@example.org>' }),
      lax,
    );
    expect(mail).toMatchObject({
      messageId: 'answer@example.org',
      references: ['a@example.org', 'b@example.org', 'answer@example.org'],
      subject: logSubject,
      noAnswer: null,
    });
    expect(mail.quote).toEqual(['retry', '', '>  [2Jlog']);
    expect(mail.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('an answer to the digest', () => {
  const subject = { Subject: 'Re: Builds that wait for your answer' };

  it('is one answer for each signed block', async () => {
    const one = gpg.clearsign(changesText(), admin);
    const two = gpg.clearsign(changesText({ Source: 'vim', Version: '2:9.1-1' }), admin);
    const bad = gpg.clearsign(changesText(), mallory);
    const understood = await understand(rawMail(`ok\n${one}\n${two}\n${bad}`, subject), strict);
    expect(understood.map(({ part, decision, package: name, version }) => [part, decision, name, version])).toEqual([
      [1, 'apply', 'hello', '2.10-3'],
      [2, 'apply', 'vim', '2:9.1-1'],
      [3, 'refuse', null, null],
    ]);
  });

  it('holds no keywords, and no more than 100 blocks', async () => {
    expect(await read(rawMail('retry', subject), lax)).toMatchObject(unauthenticated);
    expect(await read(rawMail(gpg.clearsign(changesText(), admin).repeat(101), subject))).toMatchObject(
      unauthenticated,
    );
  });
});

describe('a mail that answers nothing', () => {
  it('is forwarded, also when it begins with a keyword', async () => {
    expect(await read(rawMail('retry', { Subject: 'hi' }), lax)).toMatchObject({
      kind: 'other',
      decision: 'forward',
      action: 'forward',
      code: null,
    });
    expect(await read(Buffer.alloc(0), lax)).toMatchObject({ kind: 'other', decision: 'forward', sender: null });
  });

  it('of a proven admin may blacklist an address, but no admin', async () => {
    const mail = (address: string, From = 'admin@example.org') =>
      read(rawMail(`blacklist ${address}\n`, { Subject: 'hi', From }), lax);
    expect(await mail('Spam@Example.com')).toMatchObject({
      kind: 'blacklist',
      action: 'blacklist',
      decision: 'apply',
      argument: 'spam@example.com',
    });
    expect(await mail('admin@example.org')).toMatchObject({
      kind: 'blacklist',
      decision: 'refuse',
      code: 'not-understood',
    });
    expect(await mail('.*')).toMatchObject({ decision: 'refuse', code: 'not-understood' });
    expect(await mail('admin@example.org', 'mallory@example.org')).toMatchObject({
      kind: 'other',
      decision: 'forward',
    });
    expect(await read(rawMail('blacklist x@example.com\n', { Subject: 'hi' }))).toMatchObject({
      kind: 'blacklist',
      ...unauthenticated,
    });
  });

  it('of a blacklisted sender is dropped', async () => {
    const context = incomingContext({ keys, more: { blacklist: [/@spam\.example\.org$/u] } });
    expect(await read(rawMail('retry', { From: 'x@spam.example.org' }), context)).toMatchObject({
      decision: 'drop',
      action: 'none',
    });
  });
});
