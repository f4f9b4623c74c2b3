// The mail processor killed with SIGKILL at random points, as a real process: each answer has its effect exactly
// once, no mail is lost, no confirmation is sent twice.
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSpool } from '../../src/mail/incoming/spool/spool.ts';
import { makeKey, type SigningKey } from '../support/admin-key.ts';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { receivingWorld, replyMail, type ReceivingWorld } from '../support/receiving-world.ts';

let key: SigningKey;
let command: BundledCommand;

beforeAll(async () => {
  key = makeKey('Admin <admin@example.org>');
  command = await bundledCommand('buildd-mail');
});
afterAll(() => {
  key.remove();
  command.remove();
});

// Runs the queue; killed after so many milliseconds, or not at all. Says how it ended.
const runProcess = (world: ReceivingWorld, killAfter: number | null): Promise<number | string> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [command.path, '--run-queue', '--home', world.root], { stdio: 'ignore' });
    const timer = killAfter === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal ?? '');
    });
  });

const answers: readonly (readonly [name: string, body: string, state: string])[] = [
  ['failing', 'fail: broken', 'Failed'],
  ['waiting', 'dep-wait libfoo-dev (>= 2)', 'Dep-Wait'],
  ['again', 'retry', 'Built'],
  ['back', 'giveback', 'Needs-Build'],
  ['never', 'not-for-us', 'Not-For-Us'],
];

const prepare = async (): Promise<ReceivingWorld> => {
  const world = await receivingWorld(key.publicKey, 'acknowledge = true');
  for (const [name, body] of answers) {
    const built = await world.built(name);
    world.put(replyMail(built, { body }));
  }
  const upload = await world.built('upload');
  world.put(replyMail(upload, { body: key.clearsign(upload.changes) }));
  world.sent();
  return world;
};

const expectAllOnce = async (world: ReceivingWorld): Promise<void> => {
  expect(listSpool(world.ports.paths)).toEqual([]);
  expect(world.list('mqueue/failed')).toEqual([]);
  expect(world.ports.db.sql.prepare(`select what from intents where state <> 'done'`).all()).toEqual([]);
  for (const [name, , state] of answers) {
    expect((await world.record(name))?.state).toBe(state);
    // Added, taken, built, and what the answer did: nothing is there twice.
    const rows = (await world.transactions(name)).map((row) => row.action);
    expect(new Set(rows).size, `${name}: ${rows.join(' ')}`).toBe(rows.length);
  }
  expect(world.read('build/REDO')).toBe('again_1.0 sid\n');
  expect(world.list('upload')).toEqual([
    'upload-dbgsym_1.0_amd64.deb',
    'upload_1.0_amd64.changes',
    'upload_1.0_amd64.deb',
  ]);
  expect(world.list('build').filter((name) => name.startsWith('upload_1.0_'))).toEqual([]);
  const confirmed = world.sent().map((mail) => /"[^"]+" for (\w+)_1\.0/.exec(mail.text)?.[1]);
  expect(confirmed.sort()).toEqual(['again', 'back', 'failing', 'never', 'upload', 'waiting']);
};

describe('the mail processor, killed', () => {
  it('twice at random points has each effect once, twelve times over', async () => {
    const reference = await prepare();
    const begin = Date.now();
    expect(await runProcess(reference, null)).toBe(0);
    const whole = Date.now() - begin;
    await expectAllOnce(reference);
    await reference.close();
    let killed = 0;
    for (let round = 0; round < 12; round += 1) {
      const world = await prepare();
      // Two, because a mail whose processor ended three times is set aside.
      for (let n = 0; n < 2; n += 1)
        if ((await runProcess(world, whole * (0.3 + 0.7 * Math.random()))) === 'SIGKILL') killed += 1;
      expect(await runProcess(world, null)).toBe(0);
      await expectAllOnce(world);
      await world.close();
    }
    expect(killed).toBeGreaterThan(6);
  });

  it('three times on the same mail sets it aside and goes on with the next', async () => {
    const world = await receivingWorld(key.publicKey);
    const built = await world.built('greet', { result: 'attempted' });
    const bad = world.put('From: x@example.org\nSubject: ends the processor\n\n');
    world.put(replyMail(built, { body: 'retry' }));
    world.ports.db.sql.prepare('insert into mail_starts (name, starts) values (?, 3)').run(bad);
    expect(await runProcess(world, null)).toBe(0);
    expect(world.list('mqueue/failed')).toEqual([bad]);
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(world.sent().map((mail) => mail.subject)).toEqual(['A mail could not be processed']);
    await world.close();
  });

  it('in several processes at once: each effect once', async () => {
    const world = await prepare();
    const ends = await Promise.all(Array.from({ length: 4 }, () => runProcess(world, null)));
    expect(ends).toEqual([0, 0, 0, 0]);
    await expectAllOnce(world);
    await world.close();
  });
});
