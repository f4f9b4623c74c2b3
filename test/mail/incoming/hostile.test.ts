// Mails of somebody who wants a build daemon to do what no admin said, through the whole processor on a real home:
// each must change nothing, and what it may answer must not hurt anybody.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lettersOfBuild } from '../../../src/home/letters.ts';
import { makeToken } from '../../../src/mail/token.ts';
import { makeKey, type SigningKey } from '../../support/admin-key.ts';
import {
  admin,
  receivingWorld,
  replyMail,
  signedMail,
  type BuiltPackage,
  type ReceivingWorld,
} from '../../support/receiving-world.ts';

const second = 'second@example.org';
let key: SigningKey;
let other: SigningKey;
let world: ReceivingWorld;

beforeAll(() => {
  key = makeKey('Admin <admin@example.org>');
  other = makeKey('Second <second@example.org>');
});
afterAll(() => {
  key.remove();
  other.remove();
});
beforeEach(async () => {
  world = await receivingWorld(key.publicKey);
});
afterEach(() => world.close());

// All that a mail could have changed.
const stateOf = async (names: readonly string[]): Promise<unknown> => ({
  store: await Promise.all(
    names.map(async (name) => [await world.transactions(name), await world.transactions(name, 'experimental')]),
  ),
  build: world.list('build'),
  queues: [world.list('upload'), world.list('upload-stable')],
  files: ['build/REDO', 'build/PURGE', 'build/SKIP', 'mail-blacklist'].map((path) => world.read(path)),
  tokens: world.ports.db.sql.prepare('select count(*) from letters where answered is not null').pluck().get(),
});

const changesNothing = async (names: readonly string[], ...mails: readonly string[]): Promise<void> => {
  const before = await stateOf(names);
  for (const mail of mails) {
    await world.receive(mail);
    expect([mail.slice(0, 400), await stateOf(names)]).toEqual([mail.slice(0, 400), before]);
  }
};

const tokenOf = (built: BuiltPackage, recipient: string): string => {
  const letter = lettersOfBuild(world.ports.db, built.build).find((one) => one.recipient === recipient);
  return letter === undefined ? 'none' : makeToken(world.ports.secret, letter);
};

describe('what an admin signed', () => {
  it('counts under no other subject: another package, version, architecture, distribution', async () => {
    const greet = await world.built('greet');
    const zlib = await world.built('zlib');
    const signed = key.clearsign(greet.changes);
    await changesNothing(
      ['greet', 'zlib'],
      replyMail(zlib, { body: signed }),
      replyMail(greet, { body: signed, subject: greet.subject.replace('greet_1.0', 'greet_1.1') }),
      replyMail(greet, { body: signed, subject: greet.subject.replace('amd64', 'arm64') }),
      replyMail(greet, { body: signed, subject: greet.subject.replace('sid', 'experimental') }),
      replyMail(greet, { body: signed, subject: greet.subject.replace('sid', 'nowhere') }),
    );
  });

  it('as a keyword counts only with the token, or with the subject and recipient signed', async () => {
    const greet = await world.built('greet');
    const zlib = await world.built('zlib');
    const signed = key.clearsign('not-for-us\n');
    await changesNothing(
      ['greet', 'zlib'],
      replyMail(greet, { body: signed, to: 'buildd@example.org' }),
      replyMail(greet, { body: signed, to: zlib.replyTo }),
      signedMail(key, zlib.subject, 'not-for-us').replace(`\r\nSubject: ${zlib.subject}`, `\r\nSubject: ${greet.subject}`), // prettier-ignore
      signedMail(key, greet.subject, 'not-for-us', 'other@example.org'),
      signedMail(key, greet.subject, 'not-for-us', 'buildd+arm64@example.org'),
    );
  });

  it('for another buildd with the same keyring counts for nothing here', async () => {
    const greet = await world.built('greet');
    const elsewhere = await receivingWorld(key.publicKey);
    const there = await elsewhere.built('greet');
    await elsewhere.close();
    await changesNothing(
      ['greet'],
      replyMail(greet, { body: 'not-for-us', to: there.replyTo }),
      replyMail(greet, { body: key.clearsign('not-for-us\n'), to: there.replyTo }),
    );
  });

  it('without a package in it counts under the token of no other admin', async () => {
    await world.close();
    world = await receivingWorld(
      `${key.publicKey}\n${other.publicKey}`,
      '',
      [
        `[[auth.admins]]\naddresses = ["${admin}"]\nfingerprints = ["${key.fingerprint}"]\nroles = ["all"]`,
        `[[auth.admins]]\naddresses = ["${second}"]\nfingerprints = ["${other.fingerprint}"]\nroles = ["retry"]\n`,
      ].join('\n'),
    );
    const greet = await world.built('greet', { distribution: 'experimental' });
    const mine = `buildd+${tokenOf(greet, second)}@example.org`;
    await changesNothing(
      ['greet'],
      // The first admin's words, for some other build; the second one may only retry.
      replyMail(greet, { body: key.clearsign('not-for-us\n'), to: mine, from: second }),
      replyMail(greet, { body: 'not-for-us', to: mine, from: second }),
      replyMail(greet, { body: other.clearsign('not-for-us\n'), to: mine, from: second }),
      replyMail(greet, { body: other.clearsign(greet.changes), to: mine, from: second }),
    );
    await world.receive(replyMail(greet, { body: other.clearsign('retry\n'), to: mine, from: second }));
    expect(world.read('build/REDO')).toBe('greet_1.0 experimental\n');
  });

  it('cannot be used to flood somebody with answers', async () => {
    await world.close();
    world = await receivingWorld(key.publicKey, 'max_answers_per_hour = 3');
    const greet = await world.built('greet');
    const signed = key.clearsign(greet.changes);
    await world.newVersion('greet', '2.0');
    for (let n = 0; n < 8; n += 1)
      await world.receive(replyMail(greet, { body: signed, to: 'buildd@example.org', from: 'victim@example.net' }));
    for (const body of ['help', 'status', 'gibberish'])
      await world.receive(signedMail(key, greet.subject, body).replace(`From: ${admin}`, 'From: victim@example.net'));
    expect(world.sent()).toEqual([]);
    expect(world.logged.join('\n')).toContain("(not answered: not an admin's address)");
    const digest = { subject: 'Re: Builds that wait for your answer', replyTo: 'buildd@example.org' };
    await world.receive(replyMail(digest, { body: Array.from({ length: 50 }, () => signed).join('\n') }));
    expect(world.sent().map((mail) => mail.to)).toEqual([admin]);
  });
});

describe('a token', () => {
  it('counts for its own recipient alone, and for one From', async () => {
    const greet = await world.built('greet', { distribution: 'experimental' });
    const to = (recipient: string): string => `buildd+${tokenOf(greet, recipient)}@example.org`;
    await changesNothing(
      ['greet'],
      replyMail(greet, { body: 'purge', to: to(second) }),
      replyMail(greet, { body: 'purge', to: to(admin), from: second }),
      replyMail(greet, { body: 'purge', to: to('list@example.org') }),
      replyMail(greet, { body: 'purge', to: to('list@example.org'), from: 'list@example.org' }),
      replyMail(greet, { body: 'purge', fromField: `${admin}, mallory@example.net` }),
      replyMail(greet, { body: 'purge', fromField: `"${admin}" <mallory@example.net>` }),
      replyMail(greet, { body: 'purge', fromField: `${admin} <mallory@example.net>` }),
      replyMail(greet, { body: 'purge', fromField: `<${admin}> <mallory@example.net>` }),
      replyMail(greet, { body: 'purge', fromField: `mallory@example.net\nSender: ${admin}` }),
      replyMail(greet, { body: 'purge', headers: 'From: mallory@example.net' }),
      replyMail(greet, { body: 'purge', headers: 'from : mallory@example.net' }),
      replyMail(greet, { body: 'purge', headers: `Subject: ${greet.subject.replace('greet', 'zlib')}` }),
    );
  });

  it('is of no use to a sender who only looks like its recipient', async () => {
    await world.close();
    world = await receivingWorld(key.publicKey, '', `admin_addresses = ["kim@example.org", "${admin}"]\n`);
    const greet = await world.built('greet');
    await changesNothing(
      ['greet'],
      replyMail(greet, { body: 'purge', from: '\u0430dmin@example.org' }),
      replyMail(greet, { body: 'purge', from: 'admin@ex\u0430mple.org' }),
      replyMail(greet, { body: 'purge', from: 'admin@example.org.example.net' }),
      replyMail(greet, { body: 'purge', fromField: '=?utf-8?Q?admin=40example=2Eorg?=' }),
      replyMail(greet, { body: 'purge', from: 'ad\u200bmin@example.org' }),
      replyMail(greet, { body: 'purge', from: '\u212aim@example.org' }),
    );
    expect(world.sent()).toEqual([]);
  });

  it('in Cc counts as it does in To, but not that of another build', async () => {
    const greet = await world.built('greet');
    const zlib = await world.built('zlib');
    await changesNothing(
      ['greet', 'zlib'],
      replyMail(greet, { body: 'purge', to: 'buildd@example.org', headers: `Cc: ${zlib.replyTo}` }),
      // The first one counts; a second one changes nothing.
      replyMail(greet, { body: 'purge', to: zlib.replyTo, headers: `Cc: ${greet.replyTo}` }),
    );
    await world.receive(replyMail(greet, { body: 'purge', to: 'list@example.org', headers: `Cc: ${greet.replyTo}` }));
    expect(world.list('build')).not.toContain('greet_1.0_amd64.deb');
  });

  it('is worth nothing beside a signature that is bad', async () => {
    const greet = await world.built('greet');
    await changesNothing(
      ['greet'],
      replyMail(greet, { body: other.clearsign('purge\n') }),
      replyMail(greet, { body: key.clearsign('purge\n').replace('purge', 'not-for-us') }),
      replyMail(greet, { body: `purge\n\n${other.clearsign('purge\n')}` }),
      replyMail(greet, { body: 'purge\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\npurge\n' }),
    );
  });
});

describe('words that only look like an answer', () => {
  it.each([
    'r\u0435try',
    'ret ry',
    'purge it',
    'p\u200durge\u202e now',
    '> purge',
    'fail',
    'dep-wait $(reboot)',
    '\u00a0',
  ])('"%s" is refused', async (body) => {
    const greet = await world.built('greet');
    await changesNothing(['greet'], replyMail(greet, { body }));
    expect(world.sent()[0]?.text).toMatch(/^Your mail could not be processed:/);
  });
});

describe('names in a mail', () => {
  it('put no line into the header of an answer, whatever is encoded in them', async () => {
    const greet = await world.built('greet');
    const evil = Buffer.from('x\r\nBcc: victim@example.net\r\n\r\nbody').toString('base64');
    await changesNothing(
      ['greet'],
      replyMail(greet, { body: 'nonsense', subject: `${greet.subject} =?utf-8?B?${evil}?=` }),
      replyMail(greet, { body: 'nonsense', fromField: `=?utf-8?B?${evil}?= <${admin}>` }),
      replyMail(greet, { body: 'nonsense' }).replace(/^Message-ID: .*$/m, 'Message-ID: <a@b>\u000b\n Bcc: victim@example.net'), // prettier-ignore
    );
    for (const mail of world.sent()) expect(mail.raw.split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/m);
  });

  it.each([
    '../../etc/passwd_1.0',
    'greet_1.0/../../x',
    '-oProxyCommand=x_1.0',
    'greet;reboot_1.0',
    'greet_1.0$(reboot)',
    'GREET_1.0',
  ])('"%s" in the subject lead nowhere', async (name) => {
    const greet = await world.built('greet');
    await changesNothing(['greet'], replyMail(greet, { body: 'purge', subject: greet.subject.replace('greet_1.0', name) })); // prettier-ignore
  });
});

describe('a .changes that an admin signed without reading', () => {
  const withFile = async (name: string): Promise<string> => {
    const greet = await world.built('greet');
    const changes = greet.changes.replaceAll('greet_1.0_amd64.deb', name);
    await changesNothing(['greet', 'zlib'], replyMail(greet, { body: key.clearsign(changes) }));
    return world.sent().map((mail) => mail.text.replace(/\s+/g, ' ')).join(); // prettier-ignore
  };

  it.each(['../greet_1.0_amd64.deb', '/etc/passwd', '.hidden', 'a/b', '-rf', 'x;reboot', 'a\u200bb'])(
    'and that names "%s" is refused',
    async (name) => {
      expect(await withFile(name)).toMatch(/is not a file name/);
    },
  );

  it('and that names a symbolic link or a directory in build/ is refused', async () => {
    writeFileSync(join(world.root, 'outside'), 'the package greet 1.0');
    symlinkSync(join(world.root, 'outside'), join(world.root, 'build/link.deb'));
    expect(await withFile('link.deb')).toContain('link.deb is not there');
    mkdirSync(join(world.root, 'build/directory.deb'));
    expect(await withFile('directory.deb')).toContain('directory.deb is not there');
  });

  it('is read as the archive reads it, whatever charset the mail claims for it', async () => {
    const greet = await world.built('greet');
    // In UTF-7 a line break and a second Version.
    const changes = greet.changes.replace('\nVersion:', '\nClosed-By: x+AAo-Version: 9\nVersion:');
    await world.receive(replyMail(greet, { body: key.clearsign(changes) }).replace('charset=utf-8', 'charset=utf-7'));
    expect(world.list('upload')).toContain('greet_1.0_amd64.changes');
  });

  it('and that names what steers an upload queue is refused', async () => {
    writeFileSync(join(world.root, 'build/zlib_1.0_amd64.upload'), 'the package greet 1.0');
    expect(await withFile('zlib_1.0_amd64.upload')).toContain('zlib_1.0_amd64.upload cannot be part of an upload');
  });

  it('and that names a file of another package is refused, in build/ or in the queue', async () => {
    await world.built('zlib');
    const greet = await world.built('greet');
    const zlibs = world.read('build/zlib_1.0_amd64.changes');
    const line = (field: string): string =>
      new RegExp(`^${field}:\\n((?: .*\\n)+)`, 'm').exec(zlibs)?.[1]?.split('\n').find((text) => text.endsWith(' zlib_1.0_amd64.deb')) ?? 'none'; // prettier-ignore
    const greedy = greet.changes
      .replace(/^(Checksums-Sha256:\n)/m, `$1${line('Checksums-Sha256')}\n`)
      .replace(/^(Files:\n)/m, `$1${line('Files')}\n`);
    await changesNothing(['greet', 'zlib'], replyMail(greet, { body: key.clearsign(greedy) }));
    expect(world.sent()[0]?.text.replace(/\s+/g, ' ')).toContain(
      'zlib_1.0_amd64.deb belongs to zlib_1.0_amd64.changes',
    );
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    expect(world.list('upload')).toContain('greet_1.0_amd64.deb');
  });
});

describe('a mail of more than anybody writes', () => {
  it('is worked off, and what comes after it is obeyed', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    const deep = Array.from({ length: 300 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`).join(''); // prettier-ignore
    world.put(replyMail(greet, { body: 'x'.repeat(9 * 1024 * 1024), to: 'buildd@example.org' }));
    world.put(`From: ${admin}\nSubject: ${greet.subject}\nTo: ${greet.replyTo}\n${deep}retry\n`);
    world.put(replyMail(greet, { body: 'retry', headers: 'X-Y: z\n'.repeat(100_000).trim() }));
    world.put(replyMail(greet, { body: `${'> '.repeat(500_000)}\nretry` }));
    world.put(replyMail(greet, { body: 'a'.repeat(12 * 1024 * 1024) }));
    await world.receive(replyMail(greet, { body: 'fail does not compile' }));
    expect(world.list('mqueue').filter((name) => !name.startsWith('.'))).toEqual(['failed']);
    expect(world.list('mqueue/failed')).toEqual([]);
    expect(world.logged.join('\n')).not.toMatch(/attempt \d failed/);
  });
});
