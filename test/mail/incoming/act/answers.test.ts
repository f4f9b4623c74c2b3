// Every answer, end to end: a mail in the queue, then the store, the home's files and the mails that came of it.
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeKey, type SigningKey } from '../../../support/admin-key.ts';
import { admin, receivingWorld, replyMail, signedMail, type ReceivingWorld } from '../../../support/receiving-world.ts';

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
  world = await receivingWorld(key.publicKey, 'acknowledge = true');
});
afterEach(() => world.close());

const actions = async (name: string, distribution = 'sid'): Promise<string[]> =>
  (await world.transactions(name, distribution)).map((row) => row.action);

describe('an answer to a log mail', () => {
  it('retry: the package goes into REDO, the daemon is woken, and the sender hears so', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'retry' }));
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(world.list('build')).toContain('wake');
    const sent = world.sent();
    expect(sent.map((mail) => mail.to).sort()).toEqual([admin]);
    expect(sent[0]?.text).toContain('"retry" for greet_1.0 (dist=sid) on amd64 is done.');
    expect(world.list('mqueue').filter((name) => !name.startsWith('.'))).toEqual(['failed']);
    expect(world.logged.join('\n')).toMatch(
      /of admin@example\.org \[token\]: log-reply retry greet_1\.0 \(dist=sid\): applied/,
    );
  });

  it('fail: Failed with the reason, results gone, the build directory in PURGE', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: 'fail: does not link\nwith the new libc\n' }));
    expect(await world.record('greet')).toMatchObject({ state: 'Failed', failed: 'does not link\nwith the new libc' });
    expect(world.read('build/PURGE')).toBe(`greet_1.0-${greet.build}\n`);
    expect(world.list('build').filter((name) => name.includes('.deb') || name.includes('.changes'))).toEqual([]);
  });

  it('fail with a bug number alone is added to what failed already', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'fail does not link' }));
    await world.receive(replyMail(greet, { body: key.clearsign('fail (see #123456)'), headers: 'X-Test: 1' }));
    // The token is used up; nothing but the token ties the keyword to this build.
    expect((await world.record('greet'))?.failed).toBe('does not link');
    const signed = signedMail(key, greet.subject, 'fail (see #123456)');
    await world.receive(signed);
    expect((await world.record('greet'))?.failed).toContain('(see #123456)');
    expect((await world.record('greet'))?.failed).toContain('does not link');
  });

  it('dep-wait: Dep-Wait with the list, in the transaction log under the id of the intent', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'dep-wait libfoo-dev (>= 1.2), libbar-dev' }));
    expect(await world.record('greet')).toMatchObject({
      state: 'Dep-Wait',
      depends: 'libfoo-dev (>= 1.2), libbar-dev',
    });
    expect((await world.transactions('greet')).at(-1)?.intent).toMatch(/^[0-9a-f]{16}-\d+$/);
  });

  it('giveback with a priority: back in the queue with it', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: 'giveback 17' }));
    expect(await world.record('greet')).toMatchObject({ state: 'Needs-Build', builder: null, buildpri: 17 });
    expect(world.list('build').filter((name) => name.endsWith('.deb'))).toEqual([]);
  });

  it('purge: out of REDO, results deleted, the state as it was', async () => {
    const greet = await world.built('greet');
    writeFileSync(join(world.root, 'build/REDO'), 'greet_1.0 sid\nother_2 sid\n');
    await world.receive(replyMail(greet, { body: 'purge' }));
    expect(world.read('build/REDO')).toBe('other_2 sid\n');
    expect(world.list('build').filter((name) => name.endsWith('.deb'))).toEqual([]);
    expect((await world.record('greet'))?.state).toBe('Built');
  });

  it('manual: nothing but a line in the log, and the mail can be answered again', async () => {
    const greet = await world.built('greet');
    const before = await actions('greet');
    await world.receive(replyMail(greet, { body: 'manual' }));
    expect(await actions('greet')).toEqual(before);
    await world.receive(replyMail(greet, { body: 'purge' }));
    expect(world.list('build').filter((name) => name.endsWith('.deb'))).toEqual([]);
  });

  it('not-for-us: Not-For-Us; said by a second admin it is not turned back', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: 'not-for-us' }));
    expect((await world.record('greet'))?.state).toBe('Not-For-Us');
    world.sent();
    await world.receive(signedMail(key, greet.subject, 'not-for-us'));
    expect((await world.record('greet'))?.state).toBe('Not-For-Us');
    expect(world.sent()[0]?.text).toContain(
      'Your mail could not be processed:\n\ngreet is Not-For-Us in sid on amd64 already.',
    );
  });

  it('upload-rem: out of the upload queue; refused where there is nothing to remove', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    expect(world.list('upload')).toHaveLength(3);
    await world.receive(signedMail(key, greet.subject, 'upload-rem'));
    expect(world.list('upload')).toEqual([]);
    world.sent();
    await world.receive(signedMail(key, greet.subject, 'upload-rem\n'));
    expect(world.sent()[0]?.text).toContain('greet_1.0 is in no upload queue.');
  });

  it('newvers: the newer version is taken and in REDO, the old one purged', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: 'newvers 1.1' }));
    expect(await world.record('greet')).toMatchObject({ state: 'Building', version: '1.1', builder: 'builder' });
    expect(world.read('build/REDO')).toBe('greet_1.1 sid\n');
    expect(world.list('build').filter((name) => name.endsWith('.deb'))).toEqual([]);
  });

  it('newvers with a version that is not newer is refused', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: 'newvers 0.9' }));
    expect(world.sent()[0]?.text).toContain('0.9 is not newer than 1.0');
    expect((await world.record('greet'))?.state).toBe('Built');
  });

  it('help: the table of answers, and the mail can still be answered', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: 'help' }));
    expect(world.sent()[0]?.text).toMatch(/dep-wait LIST/);
    await world.receive(replyMail(greet, { body: 'retry' }));
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
  });

  it('status: where the package stands', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: 'status' }));
    expect(world.sent()[0]?.text).toMatch(/greet_1\.0 \(dist=sid\) on amd64 is Built since/);
  });

  it('undo is refused: it cannot be done yet; nothing changes, and the mail can still be answered', async () => {
    const greet = await world.built('greet');
    const before = await actions('greet');
    await world.receive(replyMail(greet, { body: 'undo' }));
    expect(world.sent()[0]?.text).toContain('"undo" cannot be done yet.');
    expect(await actions('greet')).toEqual(before);
    expect(world.list('build')).toContain('greet_1.0_amd64.deb');
    await world.receive(replyMail(greet, { body: 'retry' }));
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
  });

  it('is told to the other admins who have the log mail, in their thread, and to nobody else', async () => {
    const greet = await world.built('greet', { distribution: 'experimental' });
    await world.receive(replyMail(greet, { body: 'retry' }));
    const sent = world.sent();
    expect(sent.map((mail) => mail.to).sort()).toEqual([admin, 'second@example.org']);
    const second = sent.find((mail) => mail.to === 'second@example.org');
    expect(second?.text).toContain('The answer came from admin@example.org.');
    expect(second?.raw).toMatch(/^In-Reply-To: <b\.[a-z2-7]{39}@example\.org>\r$/m);
  });
});

describe('a signed .changes', () => {
  it('goes into the upload queue with its files, the .changes as it was signed, and out of build/', async () => {
    const greet = await world.built('greet');
    const signed = key.clearsign(greet.changes);
    await world.receive(replyMail(greet, { body: signed }));
    expect(world.list('upload')).toEqual([
      'greet-dbgsym_1.0_amd64.deb',
      'greet_1.0_amd64.changes',
      'greet_1.0_amd64.deb',
    ]);
    expect(world.read('upload/greet_1.0_amd64.changes').trim()).toBe(signed.trim());
    expect(world.list('build').filter((name) => name.startsWith('greet') && !name.endsWith(`-${greet.build}`))).toEqual(
      [],
    );
    expect(world.read('build/PURGE')).toBe(`greet_1.0-${greet.build}\n`);
  });

  it('needs no token: the signature names everything itself', async () => {
    const greet = await world.built('greet');
    await world.receive(
      replyMail(greet, { to: 'buildd@example.org', from: 'other@example.org', body: key.clearsign(greet.changes) }),
    );
    expect(world.list('upload')).toHaveLength(3);
  });

  it('signed as PGP/MIME is an approval, too: what was verified is queued, without a signature', async () => {
    const greet = await world.built('greet');
    await world.receive(signedMail(key, greet.subject, greet.changes));
    expect(world.list('upload')).toHaveLength(3);
    expect(world.read('upload/greet_1.0_amd64.changes').trim()).toBe(greet.changes.trim());
  });

  it('for two distributions with two queues goes into both', async () => {
    const first = await world.built('greet', { distributions: 'sid stable' });
    await world.built('greet', { distribution: 'stable', distributions: 'sid stable' });
    await world.receive(replyMail(first, { body: key.clearsign(first.changes) }));
    expect(world.list('upload')).toHaveLength(3);
    expect(world.list('upload-stable')).toHaveLength(3);
  });

  it('that is outdated in one of two distributions is refused with the line to send instead', async () => {
    const first = await world.built('greet', { distributions: 'sid stable' });
    await world.built('greet', { distribution: 'stable', distributions: 'sid stable' });
    await world.newVersion('greet', '2.0', 'stable');
    await world.receive(replyMail(first, { body: key.clearsign(first.changes) }));
    expect(world.sent()[0]?.text.replace(/\s+/g, ' ')).toContain(
      'stable has version 2.0 now. Send it, signed again, with the line "Distribution: sid".',
    );
    expect([...world.list('upload'), ...world.list('upload-stable')]).toEqual([]);
    expect(world.list('build')).toContain('greet_1.0_amd64.deb');
  });

  it.each([
    ['another content than its SHA-256 says', 'x'.repeat('the package greet 1.0'.length), /another SHA-256/],
    ['another size', 'shorter', /has 7 bytes, not the 21/],
  ])('with a file that has %s is refused, and nothing is moved', async (_, content, reason) => {
    const greet = await world.built('greet');
    writeFileSync(join(world.root, 'build/greet_1.0_amd64.deb'), content);
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    const [answer] = world.sent();
    expect(answer?.to).toBe(admin);
    expect(answer?.text.replace(/\s+/g, ' ')).toMatch(reason);
    expect(world.list('upload')).toEqual([]);
    expect(world.list('build')).toContain('greet-dbgsym_1.0_amd64.deb');
  });

  it('with a file that is not there, or a symbolic link, is refused', async () => {
    const greet = await world.built('greet');
    rmSync(join(world.root, 'build/greet_1.0_amd64.deb'));
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    expect(world.sent()[0]?.text).toContain('greet_1.0_amd64.deb is not there');
    writeFileSync(join(world.root, 'elsewhere'), 'the package greet 1.0');
    symlinkSync(join(world.root, 'elsewhere'), join(world.root, 'build/greet_1.0_amd64.deb'));
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    expect(world.sent()[0]?.text).toContain('greet_1.0_amd64.deb is not there');
    expect(world.list('upload')).toEqual([]);
  });

  it('with ../ in a file name is refused, naming it', async () => {
    const greet = await world.built('greet');
    writeFileSync(join(world.root, 'secret.deb'), 'the package greet 1.0');
    await world.receive(
      replyMail(greet, { body: key.clearsign(greet.changes.replaceAll('greet_1.0_amd64.deb', '../secret.deb')) }),
    );
    expect(world.sent()[0]?.text.replace(/\s+/g, ' ')).toContain('"../secret.deb" is not a file name');
    expect(world.list('upload')).toEqual([]);
    expect(world.read('secret.deb')).toBe('the package greet 1.0');
  });

  it('by a key that is not in the ring, or changed after it was signed, changes nothing', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: stranger.clearsign(greet.changes) }));
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes).replace('dbgsym', 'dbgsyn') }));
    await world.receive(replyMail(greet, { body: greet.changes }));
    expect(world.list('upload')).toEqual([]);
    expect((await world.record('greet'))?.state).toBe('Built');
    expect(world.sent().every((mail) => mail.text.startsWith('Your mail could not be processed:'))).toBe(true);
  });

  it('of a package that somebody else took is refused, naming them', async () => {
    const greet = await world.built('greet');
    await world.ports.store.report(
      {
        action: 'give-back',
        package: 'greet',
        version: '1.0',
        distribution: 'sid',
        architecture: 'amd64',
        user: 'builder',
        claim: null,
        message: null,
        buildPriority: null,
      },
      'by-hand',
    );
    await world.ports.store.take(['greet_1.0'], 'sid', 'amd64', 'somebody');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    expect(world.sent()[0]?.text).toContain('greet_1.0 is Building in sid on amd64 by somebody, not by builder.');
    expect(world.list('upload')).toEqual([]);
  });
});

describe('an answer that comes too late', () => {
  it('about an outdated version is refused with the new version named', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.newVersion('greet', '2.0');
    await world.receive(replyMail(greet, { body: 'retry' }));
    expect(world.sent()[0]?.text).toContain('greet_1.0 is outdated: sid on amd64 has version 2.0 now (Needs-Build).');
    expect(world.read('build/REDO')).toBe('');
  });

  it('about a package in another state is refused with that state', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.ports.store.report(
      {
        action: 'failed',
        package: 'greet',
        version: '1.0',
        distribution: 'sid',
        architecture: 'amd64',
        user: 'builder',
        claim: null,
        message: 'no',
        buildPriority: null,
      },
      'by-hand',
    );
    await world.receive(replyMail(greet, { body: 'retry' }));
    expect(world.sent()[0]?.text.replace(/\s+/g, ' ')).toMatch(
      /greet_1\.0 is Failed in sid on amd64 since .* an answer needs it Building, Built or Build-Attempted\./,
    );
  });

  it('about a build before the last one is refused', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.ports.store.take(['greet_1.0'], 'sid', 'amd64', 'builder');
    await world.receive(replyMail(greet, { body: 'fail old news' }));
    expect(world.sent()[0]?.text.replace(/\s+/g, ' ')).toContain(
      'was taken again since the build that the mail is about',
    );
    expect((await world.record('greet'))?.state).toBe('Building');
  });

  it('with a token that was used says what happened', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'retry' }));
    world.sent();
    await world.receive(replyMail(greet, { body: 'fail no' }));
    expect(world.sent()[0]?.text.replace(/\s+/g, ' ')).toMatch(
      /the mail was answered already: "retry" by admin@example\.org, 20\d\d-\d\d-\d\d \d\d:\d\d UTC/,
    );
    expect((await world.record('greet'))?.state).toBe('Build-Attempted');
  });
});

describe('an answer to "Should I build"', () => {
  const asked = async () => {
    const greet = await world.built('greet', { kind: 'should-build' });
    world.ports.db.sql
      .prepare(
        `insert into waiting (package, distribution, architecture, version, claim, since) values ('greet', 'sid', 'amd64', '1.0', ?, '2026-11-20')`,
      )
      .run(greet.claim);
    return greet;
  };
  const waiting = (): unknown => world.ports.db.sql.prepare('select count(*) from waiting').pluck().get();

  it.each(['build', 'ok'])('%s: into REDO', async (word) => {
    await world.receive(replyMail(await asked(), { body: word }));
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(waiting()).toBe(0);
  });

  it('fail: Failed', async () => {
    await world.receive(replyMail(await asked(), { body: 'fail' }));
    expect((await world.record('greet'))?.state).toBe('Failed');
    expect((await world.record('greet'))?.failed).not.toBe('');
    expect(waiting()).toBe(0);
  });

  it('no-build: Not-For-Us', async () => {
    await world.receive(replyMail(await asked(), { body: 'no-build' }));
    expect((await world.record('greet'))?.state).toBe('Not-For-Us');
    expect(waiting()).toBe(0);
  });

  it('give-back: given back', async () => {
    await world.receive(replyMail(await asked(), { body: 'give-back' }));
    expect(await world.record('greet')).toMatchObject({ state: 'Needs-Build', builder: null });
    expect(waiting()).toBe(0);
  });
});
