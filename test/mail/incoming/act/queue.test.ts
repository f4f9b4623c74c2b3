// The queue: what is done twice, too often, by strangers, or by two processors at once; and what is no answer at all.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { mailQueueOf } from '../../../../src/cli/mail-queue.ts';
import { openPorts } from '../../../../src/cli/ports.ts';
import { runQueue, type QueuePorts } from '../../../../src/mail/incoming/spool/processor.ts';
import { listSpool } from '../../../../src/mail/incoming/spool/spool.ts';
import { tryLock } from '../../../../src/platform/lock.ts';
import { systemClock } from '../../../../src/platform/clock.ts';
import { UnavailableError } from '../../../../src/platform/errors.ts';
import { makeKey, type SigningKey } from '../../../support/admin-key.ts';
import {
  admin,
  receivingWorld,
  replyMail,
  signedMail,
  type BuiltPackage,
  type ReceivingWorld,
} from '../../../support/receiving-world.ts';

let key: SigningKey;
let stranger: SigningKey;
let world: ReceivingWorld;

beforeAll(() => {
  key = makeKey('Admin <admin@example.org>');
  stranger = makeKey('Admin <admin@example.org>');
});
afterAll(() => {
  key.remove();
  stranger.remove();
});
beforeEach(async () => {
  world = await receivingWorld(key.publicKey);
});
afterEach(() => world.close());

const queued = (): string[] => listSpool(world.ports.paths).map(({ name }) => name);
const log = (): string => world.logged.join('\n');

describe('the same mail twice', () => {
  it('has one effect', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    const mail = replyMail(greet, { body: 'retry' });
    await world.receive(`From admin@example.org Fri Nov 20 09:15:02 2026\n${mail}`);
    writeFileSync(join(world.root, 'build/REDO'), '');
    // Delivered again: the mail server writes another date in front.
    await world.receive(`From admin@example.org Fri Nov 20 10:15:02 2026\n${mail}`);
    expect(world.read('build/REDO')).toBe('');
    expect(log()).toContain('seen before (applied): nothing is done');
    expect(queued()).toEqual([]);
    expect(world.sent()).toEqual([]);
  });

  it('signed once and sent in another mail is refused as a replay', async () => {
    const greet = await world.built('greet');
    const signed = key.clearsign(greet.changes);
    await world.receive(replyMail(greet, { body: signed }));
    expect(world.list('upload')).toHaveLength(3);
    await world.ports.carryOut(openAgain(greet.name));
    const before = await world.transactions('greet');
    await world.receive(replyMail(greet, { body: signed }));
    expect(world.list('upload')).toEqual([]);
    expect(await world.transactions('greet')).toEqual(before);
  });

  it('a signature that was acted on says so to the admin, even where everything else would fit again', async () => {
    const greet = await world.built('greet');
    const signed = key.clearsign(greet.changes);
    const files = ['greet_1.0_amd64.deb', 'greet-dbgsym_1.0_amd64.deb'];
    const contents = files.map((name) => world.read(`build/${name}`));
    await world.receive(replyMail(greet, { body: signed }));
    files.forEach((name, index) => writeFileSync(join(world.root, 'build', name), contents[index] ?? ''));
    world.sent();
    await world.receive(replyMail(greet, { body: signed }));
    expect(world.sent()[0]?.text.replace(/\s+/g, ' ')).toContain(
      'This signature was acted on before: the same signed text counts only once.',
    );
    expect(world.list('build')).toContain('greet_1.0_amd64.deb');
  });
});

// Takes the upload out of the queue again, as an admin does by hand.
const openAgain = (name: string) => ({
  number: 0,
  id: 'none-0',
  state: 'open' as const,
  refusal: null,
  created: '',
  what: 'by hand',
  subject: null,
  mails: [],
  refusalMails: [],
  effects: [{ kind: 'unqueue' as const, queues: ['upload'], changes: `${name}_1.0_amd64.changes` }],
});

describe('a mail without proof', () => {
  const unchanged = async (name: string, fn: () => Promise<void>): Promise<void> => {
    const before = {
      log: await world.transactions(name),
      build: world.list('build'),
      upload: world.list('upload'),
      redo: world.read('build/REDO'),
      record: await world.record(name),
    };
    await fn();
    expect({
      log: await world.transactions(name),
      build: world.list('build'),
      upload: world.list('upload'),
      redo: world.read('build/REDO'),
      record: await world.record(name),
    }).toEqual(before);
  };

  it.each([
    'retry',
    'fail broken',
    'dep-wait libfoo',
    'giveback',
    'purge',
    'not-for-us',
    'newvers 2',
    'upload-rem',
    'manual',
  ])('that says "%s" changes nothing', async (body) => {
    const greet = await world.built('greet');
    await unchanged('greet', () => world.receive(replyMail(greet, { body, to: 'buildd@example.org' })));
    const [answer] = world.sent();
    expect(answer?.to).toBe(admin);
    expect(answer?.text).toMatch(/^Your mail could not be processed:/);
    expect(log()).toMatch(/unproven\].*refused/);
  });

  it('of a stranger changes nothing and is not answered', async () => {
    const greet = await world.built('greet');
    await unchanged('greet', async () => {
      await world.receive(replyMail(greet, { body: 'purge', from: 'mallory@example.org' }));
      await world.receive(replyMail(greet, { body: stranger.clearsign(greet.changes), from: 'mallory@example.org' }));
    });
    expect(world.sent()).toEqual([]);
  });

  it("with the token of somebody else's copy, or an altered one, changes nothing", async () => {
    const greet = await world.built('greet');
    const altered = greet.replyTo.replace(/.(?=@)/, (letter) => (letter === 'a' ? 'b' : 'a'));
    await unchanged('greet', async () => {
      await world.receive(replyMail(greet, { body: 'purge', from: 'second@example.org' }));
      await world.receive(replyMail(greet, { body: 'purge', to: altered }));
      await world.receive(replyMail(greet, { body: 'purge', subject: greet.subject.replace('1.0', '1.1') }));
    });
  });

  it('never puts a token into the log', async () => {
    const greet = await world.built('greet');
    await world.receive(
      replyMail(greet, {
        body: 'purge',
        headers: `In-Reply-To: <b.${/\+(.*)@/.exec(greet.replyTo)?.[1] ?? ''}@example.org>`,
      }),
    );
    const token = /\+(.*)@/.exec(greet.replyTo)?.[1] ?? 'none';
    await world.receive(replyMail(greet, { body: 'retry', from: greet.replyTo }));
    await world.receive(replyMail(greet, { body: 'retry' }).replace('<reply-', `<b.${token}@example.org-`));
    expect(world.logged.length).toBeGreaterThan(2);
    expect(log()).not.toContain(token);
  });

  it('is answered at most max_answers_per_hour times an hour; who proves it is always answered', async () => {
    await world.close();
    world = await receivingWorld(key.publicKey, 'max_answers_per_hour = 2');
    world.setTime(new Date('2026-11-20T09:00:00Z'));
    const greet = await world.built('greet');
    for (let i = 0; i < 5; i += 1) await world.receive(replyMail(greet, { body: 'retry', to: 'buildd@example.org' }));
    expect(world.sent()).toHaveLength(2);
    expect(log()).toContain('(not answered: 2 answers in an hour)');
    for (let i = 0; i < 3; i += 1) await world.receive(replyMail(greet, { body: 'gibberish' }));
    expect(world.sent()).toHaveLength(3);
    world.setTime(new Date('2026-11-20T10:00:01Z'));
    await world.receive(replyMail(greet, { body: 'retry', to: 'buildd@example.org' }));
    expect(world.sent()).toHaveLength(1);
  });

  it('gets the table where it asks for help from an admin, within the limit, and changes nothing', async () => {
    await world.close();
    world = await receivingWorld(key.publicKey, 'max_answers_per_hour = 3');
    const greet = await world.built('greet');
    const to = 'buildd@example.org';
    await unchanged('greet', async () => {
      await world.receive(replyMail(greet, { subject: 'help', to, body: '' }));
      await world.receive(replyMail(greet, { subject: 'Question', to, body: 'help\n-- \nAdmin' }));
      await world.receive(replyMail(greet, { to, body: 'help' }));
      await world.receive(replyMail(greet, { to, body: 'help' }));
      await world.receive(replyMail(greet, { to, body: 'help', from: 'mallory@example.org' }));
      await world.receive(replyMail(greet, { to, body: stranger.clearsign('help') }));
    });
    const sent = world.sent();
    expect(sent.map((mail) => mail.to)).toEqual([admin, admin, admin]);
    for (const mail of sent) expect(mail.text).toMatch(/^Answers to "Log for STATUS build/);
    expect(log()).toContain('help (not answered: 3 answers in an hour)');
  });

  it('signed text that is sent again by somebody else counts as unproven: its refusals are limited', async () => {
    await world.close();
    world = await receivingWorld(key.publicKey, 'max_answers_per_hour = 2');
    const greet = await world.built('greet');
    const signed = key.clearsign(greet.changes);
    await world.receive(replyMail(greet, { body: signed }));
    for (let i = 0; i < 5; i += 1) await world.receive(replyMail(greet, { body: signed, to: 'buildd@example.org' }));
    expect(world.sent().map((mail) => mail.to)).toEqual([admin, admin]);
  });

  it.each([
    ['of a list', 'List-Id: <l.example.org>'],
    ['that is automatic', 'Auto-Submitted: auto-replied'],
    ['of our own making', 'X-Loop: buildd@example.org'],
    ['in bulk', 'Precedence: bulk'],
  ])('%s is never answered', async (_, headers) => {
    const greet = await world.built('greet');
    await unchanged('greet', () =>
      world.receive(replyMail(greet, { body: 'purge', to: 'buildd@example.org', headers })),
    );
    expect(world.sent()).toEqual([]);
  });
});

describe('the processor', () => {
  const ports = (act: QueuePorts['act'], reports: string[] = []): QueuePorts => ({
    paths: world.ports.paths,
    db: world.ports.db,
    clock: systemClock,
    log: world.ports.log,
    act,
    reportFailed: (path, reason) => {
      reports.push(`${path}: ${reason}`);
      return Promise.resolve();
    },
    finishOpenIntents: () => Promise.resolve(),
  });

  it('works in order of arrival and leaves nothing', async () => {
    for (const n of ['1', '2', '3']) world.put(`Subject: ${n}\n\n`);
    const seen: string[] = [];
    const run = await runQueue(ports((raw) => Promise.resolve(void seen.push(raw.toString().slice(9, 10)))));
    expect(seen).toEqual(['1', '2', '3']);
    expect(run).toEqual({ end: 'empty', processed: 3 });
    expect(queued()).toEqual([]);
  });

  it('ends at once where another one works, which then sees the mail that came meanwhile', async () => {
    world.put('Subject: 1\n\n');
    const seen: string[] = [];
    const run = await runQueue(
      ports(async (raw) => {
        seen.push(raw.toString().slice(9, 10));
        if (seen.length > 1) return;
        world.put('Subject: 2\n\n');
        expect(await runQueue(ports(() => Promise.reject(new Error('two at once'))))).toEqual({
          end: 'held',
          processed: 0,
        });
      }),
    );
    expect(seen).toEqual(['1', '2']);
    expect(run.end).toBe('empty');
  });

  it('leaves no mail lying, whoever stores it and asks while another one works', async () => {
    const seen: string[] = [];
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const own = ports(async (raw) => {
      seen.push(raw.toString());
      await pause(seen.length % 3);
    });
    const ends = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        await pause((n * 7) % 50);
        world.put(`Subject: ${n}\n\n`);
        return (await runQueue(own)).end;
      }),
    );
    expect(ends).toContain('held');
    expect(queued()).toEqual([]);
    expect(new Set(seen).size).toBe(60);
    expect(seen).toHaveLength(60);
  });

  it('sets a mail aside that fails three times, tells the admin, and goes on with the others', async () => {
    const bad = world.put('Subject: bad\n\n');
    world.put('Subject: good\n\n');
    const reports: string[] = [];
    const seen: string[] = [];
    await runQueue(
      ports((raw) => {
        seen.push(raw.toString().slice(9, 12));
        return raw.toString().includes('bad') ? Promise.reject(new TypeError('cannot read x')) : Promise.resolve();
      }, reports),
    );
    expect(seen.filter((subject) => subject === 'bad')).toHaveLength(3);
    expect(seen).toContain('goo');
    expect(world.list('mqueue/failed')).toEqual([bad]);
    expect(reports).toEqual([`${join(world.root, 'mqueue/failed', bad)}: cannot read x`]);
    expect(queued()).toEqual([]);
  });

  it('goes on with the mails when an earlier one left something that cannot be finished', async () => {
    world.put('Subject: x\n\n');
    const own = ports(() => Promise.resolve());
    const run = await runQueue({ ...own, finishOpenIntents: () => Promise.reject(new TypeError('cannot read y')) });
    expect(run).toEqual({ end: 'empty', processed: 1 });
    expect(log()).toContain('an open intent cannot be finished: cannot read y');
  });

  it('keeps a mail while something that it needs is away, however often', async () => {
    world.put('Subject: x\n\n');
    for (let i = 0; i < 5; i += 1) {
      expect((await runQueue(ports(() => Promise.reject(new UnavailableError('the store is away'))))).end).toBe(
        'postponed',
      );
    }
    expect(queued()).toHaveLength(1);
    expect(world.list('mqueue/failed')).toEqual([]);
  });

  it.each(['ENOSPC', 'SQLITE_FULL'])(
    'keeps a mail while there is no space (%s), and processes it once there is',
    async (code) => {
      world.put('Subject: x\n\n');
      const full = Object.assign(new Error('no space left on device'), { code });
      for (let i = 0; i < 4; i += 1) expect((await runQueue(ports(() => Promise.reject(full)))).end).toBe('postponed');
      expect(queued()).toHaveLength(1);
      expect(await runQueue(ports(() => Promise.resolve()))).toEqual({ end: 'empty', processed: 1 });
    },
  );

  it('takes over the lock of one that was killed', async () => {
    world.put('Subject: x\n\n');
    const dead = spawnSync('true');
    writeFileSync(join(world.ports.paths.mqueue, '.lock'), `${dead.pid} 1 gone\n`);
    expect((await runQueue(ports(() => Promise.resolve()))).processed).toBe(1);
  });

  it('tells the admin of a mail that ended it three times, without beginning a fourth', async () => {
    const name = world.put(replyMail({ subject: 'x', replyTo: 'buildd@example.org' }, { body: 'x' }));
    world.ports.db.sql.prepare('insert into mail_starts (name, starts) values (?, 3)').run(name);
    await world.queue.run();
    expect(world.list('mqueue/failed')).toEqual([name]);
    const [notice] = world.sent();
    expect(notice).toMatchObject({ to: admin, subject: 'A mail could not be processed' });
    expect(notice?.text).toContain(`buildd-mail --retry`);
  });

  it('run by two processes on one home has each effect once', async () => {
    const other = await openPorts(world.root, { log: () => undefined, reopen: () => undefined });
    const packages: BuiltPackage[] = [];
    for (const name of ['a1', 'b1', 'c1', 'd1']) packages.push(await world.built(name, { result: 'attempted' }));
    for (const one of packages) world.put(replyMail(one, { body: 'fail no' }));
    const lock = tryLock(join(world.ports.paths.mqueue, '.lock'));
    expect((await mailQueueOf(other).run()).end).toBe('held');
    if (lock.kind === 'locked') lock.lock.release();
    await Promise.all([world.queue.run(), mailQueueOf(other).run(), world.queue.run()]);
    expect(queued()).toEqual([]);
    for (const one of packages)
      expect((await world.transactions(one.name)).filter((row) => row.state === 'Failed')).toHaveLength(1);
    await other.close();
  });

  it('finishes what the store was away for, without the mail', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    const away = vi.spyOn(world.ports.store, 'report').mockRejectedValue(new UnavailableError('the store is away'));
    await world.receive(replyMail(greet, { body: 'fail no' }));
    expect(queued()).toEqual([]);
    expect((await world.record('greet'))?.state).toBe('Build-Attempted');
    away.mockRestore();
    await world.queue.run();
    expect((await world.record('greet'))?.state).toBe('Failed');
  });
});

describe('what is no answer', () => {
  it('goes to the admin unchanged, with Resent- headers', async () => {
    await world.receive(
      'From: friend@example.org\nSubject: hello there\nMessage-ID: <h@example.org>\n\nHow are you?\n',
    );
    const [forwarded] = world.sent();
    expect(forwarded?.raw).toMatch(/^Resent-To: admin@example\.org\r$/m);
    expect(forwarded?.raw).toContain('How are you?');
  });

  it('is a mail that is not a mail: it goes to the admin, and nothing breaks', async () => {
    await world.receive('\0\0\0 not a mail \xff\n\n\n');
    await world.receive('');
    expect(queued()).toEqual([]);
    expect(world.list('mqueue/failed')).toEqual([]);
    expect(log()).toMatch(/other forward|forwarded/);
  });

  it('is a bounce: five go to the admin in error_mail_window, the others into the log', async () => {
    const bounce = (n: number): string =>
      `Return-Path: <>\nFrom: MAILER-DAEMON@example.org\nSubject: Undelivered Mail\nMessage-ID: <bounce-${n}@example.org>\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nno such user\n--x\nContent-Type: message/delivery-status\n\nAction: failed\n--x--\n`;
    for (let n = 0; n < 7; n += 1) await world.receive(bounce(n));
    expect(world.sent()).toHaveLength(5);
    expect(log()).toContain('5 bounces were forwarded already');
  });

  it('is too large: the admin gets its header', async () => {
    mkdirSync(world.ports.paths.mqueue, { recursive: true });
    writeFileSync(
      join(world.ports.paths.mqueue, '1000.1.x.oversize'),
      'From: big@example.org\nSubject: huge\n\nretry\n',
    );
    await world.queue.run();
    const [notice] = world.sent();
    expect(notice).toMatchObject({ to: admin, subject: 'A mail was too large' });
    expect(notice?.text).toContain('Subject: huge');
    expect(notice?.text).not.toContain('retry');
    expect(queued()).toEqual([]);
  });

  it('is understood, but nonsense: an admin who proves it hears what is possible', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'frobnicate' }));
    const [answer] = world.sent();
    expect(answer?.text).toMatch(/^Your mail could not be processed:/);
    expect(answer?.text).toContain('retry             build it here once more');
    expect(answer?.text).toContain('> frobnicate');
    expect(answer?.raw).toMatch(/^Auto-Submitted: auto-replied\r$/m);
  });
});

describe('a notice of the archive', () => {
  const notice = (subject: string, from = 'archive@example.org'): string =>
    `From: ${from}\nSubject: ${subject}\nMessage-ID: <n-${Math.random()}@example.org>\n\nThank you.\n`;
  const uploaded = async (): Promise<void> => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    writeFileSync(
      join(world.root, 'upload/greet_1.0_amd64.upload'),
      'u greet_1.0_amd64.deb local now\ns greet_1.0_amd64.changes local now\n',
    );
    await world.ports.store.report(
      {
        action: 'uploaded',
        package: 'greet',
        version: '1.0',
        distribution: 'sid',
        architecture: 'amd64',
        user: 'builder',
        claim: null,
        message: null,
        buildPriority: null,
      },
      'up',
    );
    world.sent();
  };

  it.each([
    'greet_1.0_amd64.changes ACCEPTED',
    'greet_1.0_amd64.changes ACCEPTED into unstable',
    'greet_1.0_amd64.changes INSTALLED',
  ])('"%s" deletes the files of the upload', async (subject) => {
    await uploaded();
    await world.receive(notice(subject));
    expect(world.list('upload')).toEqual([]);
  });

  it('of a sender that is not trusted goes to the admin and deletes nothing', async () => {
    await uploaded();
    await world.receive(notice('greet_1.0_amd64.changes ACCEPTED', 'mallory@example.org'));
    expect(world.list('upload')).toHaveLength(4);
    expect(world.sent()).toHaveLength(1);
  });

  it('about an upload that is not complete, or not Uploaded in the store, is only logged', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    await world.receive(notice('greet_1.0_amd64.changes ACCEPTED'));
    expect(world.list('upload')).toHaveLength(3);
    expect(log()).toContain('was not uploaded from here completely');
    writeFileSync(join(world.root, 'upload/greet_1.0_amd64.upload'), 's greet_1.0_amd64.changes local now\n');
    await world.receive(notice('greet_1.0_amd64.changes INSTALLED'));
    expect(world.list('upload')).toHaveLength(4);
    expect(log()).toContain('the store does not hold 1.0 as Uploaded in sid, but 1.0 as Built');
  });

  it('about an upload that is in no queue is only logged', async () => {
    await world.receive(notice('greet_1.0_amd64.changes ACCEPTED'));
    expect(log()).toContain('no upload queue has greet_1.0_amd64.changes');
  });

  it('of REJECTED goes to the admin', async () => {
    await world.receive(notice('greet_1.0_amd64.changes REJECTED'));
    expect(world.sent()).toHaveLength(1);
  });

  it('about a policy queue deletes nothing', async () => {
    await uploaded();
    await world.receive(notice('greet_1.0_amd64.changes ACCEPTED into stable->proposed-updates'));
    expect(world.list('upload')).toHaveLength(4);
  });
});

describe('a new version', () => {
  const newVersion =
    'From: archive@example.org\nSubject: new version of greet (dist=sid)\nMessage-ID: <v@example.org>\n\nin version 1.0.\nnew source version 2.0.\n';

  it('takes the old one out of REDO and purges it', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'retry' }));
    await world.newVersion('greet', '2.0');
    await world.receive(newVersion);
    expect(world.read('build/REDO')).toBe('');
    expect(world.read('build/PURGE')).toBe(`greet_1.0-${greet.build}\n`);
  });

  it('that the store does not know of is only logged', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'retry' }));
    await world.receive(newVersion);
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(log()).toContain('nothing to do');
  });
});

describe('blacklist', () => {
  const spam = 'From: spam.mer+x@example.org\nSubject: buy\n\nnow\n';

  it('of an admin who proves it goes into mail-blacklist, escaped, once, and its sender is not heard any more', async () => {
    await world.receive(spam);
    expect(world.sent()).toHaveLength(1);
    await world.receive(signedMail(key, 'please', 'blacklist spam.mer+x@example.org'));
    await world.receive(signedMail(key, 'please', 'blacklist spam.mer+x@example.org\n'));
    expect(
      world
        .read('mail-blacklist')
        .split('\n')
        .filter((line) => line !== ''),
    ).toHaveLength(1);
    expect(world.read('mail-blacklist')).toContain('spam\\.mer\\+x@example\\.org');
    await world.receive(spam.replace('buy', 'buy more'));
    expect(world.sent()).toEqual([]);
  });

  it("of an admin's address, or without proof, is refused", async () => {
    await world.receive(signedMail(key, 'please', 'blacklist second@example.org'));
    expect(world.sent()[0]?.text).toContain('it cannot be blacklisted');
    await world.receive(
      `From: ${admin}\nTo: buildd@example.org\nSubject: please\nMessage-ID: <bl@example.org>\n\nblacklist spam.mer+x@example.org\n`,
    );
    expect(existsSync(join(world.root, 'mail-blacklist'))).toBe(false);
  });
});
