import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBuildLog, type BuildLog } from '../../src/builder/build-log.ts';
import { launched } from '../../src/builder/launch.ts';
import { supervise, type Supervised, type Supervision } from '../../src/builder/supervise.ts';
import { buildWorld, type BuildWorld } from '../support/build-world.ts';

let world: BuildWorld;
let log: BuildLog;
beforeEach(() => {
  world = buildWorld();
  log = createBuildLog(world.job(), new Date());
});
afterEach(() => world.remove());

const runScript = async (
  script: string,
  changed: Partial<Supervised> = {},
): Promise<Supervision & { readonly text: string }> => {
  const ended = await supervise({
    program: 'sh',
    args: ['-c', script],
    cwd: world.home,
    env: process.env,
    log,
    started: new Date(),
    buildTimeout: 60,
    stuckTimeout: 60,
    killAfter: 1,
    signal: new AbortController().signal,
    reach: 'everything',
    ...changed,
  });
  await log.close();
  return { ...ended, text: statSync(log.path).size > 100_000_000 ? '' : readFileSync(log.path, 'utf8') };
};
const isRunning = (marker: string): boolean => spawnSync('pgrep', ['-f', '--', `^${marker}`]).status === 0;
const sleeper = (): string => `sleep ${300 + Math.floor(Math.random() * 1e6) / 1000}`;

describe('a supervised program', () => {
  it('has its output and its errors in the log, in the order in which they came', async () => {
    const ended = await runScript('echo one; echo two >&2; echo three; exit 3');
    expect(ended).toMatchObject({ code: 3, signal: null, stopped: null, reason: null, text: 'one\ntwo\nthree\n' });
  });

  it('can open its standard error by name', async () => {
    expect((await runScript('echo seen | tee /dev/stderr > /dev/null')).text).toBe('seen\n');
  });

  it('is ended when the build takes too long, and the log says so', async () => {
    const ended = await runScript('while :; do echo tick; sleep 0.05; done', { buildTimeout: 0.4 });
    expect(ended).toMatchObject({
      stopped: 'timeout',
      reason: 'the build took longer than 0.4 s, stopped',
      killed: false,
    });
    expect(ended.text).toContain('E: mailbuildd: the build took longer than 0.4 s, stopped');
  });

  it('is ended when it says nothing any more, but not while it talks', async () => {
    const ended = await runScript('for i in 1 2 3 4 5 6; do echo tick; sleep 0.2; done; sleep 60', {
      stuckTimeout: 0.6,
    });
    expect(ended).toMatchObject({ stopped: 'stuck', reason: 'no output for 0.6 s, stopped' });
    expect(ended.text.match(/tick/g)).toHaveLength(6);
  });

  it('is killed when it does not heed TERM', async () => {
    const ended = await runScript("trap '' TERM; while :; do sleep 0.05; done", { stuckTimeout: 0.2, killAfter: 0.3 });
    expect(ended).toMatchObject({ stopped: 'stuck', killed: true, signal: 'SIGKILL' });
    expect(ended.text).toContain('E: mailbuildd: TERM was not heeded, killed');
  });

  it('is ended when the build is told to stop', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    expect(await runScript('sleep 60', { signal: stop.signal })).toMatchObject({
      stopped: 'aborted',
      signal: 'SIGTERM',
    });
  });

  it('is not even started when the build was told to stop before', async () => {
    const ended = await runScript('echo started', { signal: AbortSignal.abort() });
    expect(ended).toMatchObject({ stopped: 'aborted', text: '' });
  });

  it('takes with it what it left in the background', async () => {
    const left = sleeper();
    await runScript(`${left} & echo done`);
    expect(isRunning(left)).toBe(false);
  });

  it('takes with it what forked away into a session of its own', async () => {
    const left = sleeper();
    const ended = await runScript(`setsid -f ${left}; echo done`);
    expect(ended.code).toBe(0);
    await delay(50);
    expect(isRunning(left)).toBe(false);
  });

  it('cannot be started: one line says which program', async () => {
    const ended = await runScript('', { program: join(world.home, 'nowhere') });
    expect(ended.notStarted).toMatch(/^cannot start \S+nowhere: .*ENOENT/);
  });

  it('is ended when the log cannot be written any more', async () => {
    const full = createBuildLog(world.job(), new Date());
    setTimeout(() => full.stream.destroy(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })), 200);
    const ended = await runScript('while :; do echo more; sleep 0.01; done', { log: full });
    await full.close();
    expect(ended).toMatchObject({
      stopped: 'log',
      reason: 'the log could not be written (no space left on device), stopped',
    });
  });

  it('gets TERM when the daemon is killed, so that no build outlives it', async () => {
    const left = sleeper();
    const { program, args } = launched(left.split(' '), 0);
    const daemon = spawn(process.execPath, [
      '-e',
      `require('child_process').spawn(${JSON.stringify(program)}, ${JSON.stringify(args)}, { detached: true }); setInterval(() => {}, 1000)`,
    ]);
    while (!isRunning(left)) await delay(20);
    daemon.kill('SIGKILL');
    while (isRunning(left)) await delay(20);
    expect((await runScript('echo alive')).text).toBe('alive\n');
  });

  it('may print a gigabyte without the memory growing with it', async () => {
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 50);
    const ended = await runScript('head -c 1000000000 /dev/zero');
    clearInterval(watch);
    expect(ended.code).toBe(0);
    expect(statSync(log.path).size).toBe(1_000_000_000);
    expect(most - before).toBeLessThan(150_000_000);
  });
});

describe('the log of a build', () => {
  it('is named after package, version, architecture and time, and never written over', async () => {
    const at = new Date('2026-11-20T09:15:02.789Z');
    const job = world.job({
      version: '2:1.0-1',
      binNmu: { number: 3, changelog: 'x' },
      architecture: 'amd64',
      logDirectory: join(world.home, 'other'),
    });
    const logs = [createBuildLog(job, at), createBuildLog(job, at), createBuildLog(job, at)];
    expect(logs.map(({ path }) => path.split('/').at(-1))).toEqual([
      'greet_1.0-1+b3_amd64-2026-11-20T09:15:02Z',
      'greet_1.0-1+b3_amd64-2026-11-20T09:15:02Z-2',
      'greet_1.0-1+b3_amd64-2026-11-20T09:15:02Z-3',
    ]);
    await Promise.all(logs.map((one) => one.close()));
    await log.close();
  });

  it('is not made through a link that somebody put in its place', async () => {
    const at = new Date('2026-11-20T09:15:02Z');
    const job = world.job({ architecture: 'amd64', logDirectory: join(world.home, 'linked') });
    mkdirSync(job.logDirectory);
    writeFileSync(join(world.home, 'precious'), 'keep');
    spawnSync('ln', ['-s', '../precious', join(job.logDirectory, 'greet_1.0_amd64-2026-11-20T09:15:02Z')]);
    const made = createBuildLog(job, at);
    made.write('text');
    await made.close();
    await log.close();
    expect(made.path).toMatch(/Z-2$/);
    expect(readFileSync(join(world.home, 'precious'), 'utf8')).toBe('keep');
  });
});
