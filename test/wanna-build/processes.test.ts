// Many processes on one store: what a race or a kill must never do.
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { row, storeWorld, type StoreWorld } from '../support/store-world.ts';

let command: BundledCommand;
let world: StoreWorld;
beforeAll(async () => (command = await bundledCommand('wanna-build')));
afterAll(() => command.remove());
afterEach(() => world.end());

const start = (args: readonly string[]) =>
  spawn(process.execPath, [command.path, `--home=${world.home}`, '--dist=sid', '--arch=arm64', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const output = async (args: readonly string[]): Promise<string> => {
  const child = start(args);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  expect(child.exitCode).toBe(0);
  return text;
};

const integrity = (): unknown => {
  const database = new Database(join(world.home, 'wanna-build.db'));
  try {
    return database.pragma('integrity_check', { simple: true });
  } finally {
    database.close();
  }
};

describe('several takers at the same time', () => {
  it('give each package to exactly one of them', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `pkg${index}`);
    world = await storeWorld(...names.map((name) => row(name)));
    const users = ['b1', 'b2', 'b3', 'b4'];
    const outputs = await Promise.all(
      users.map((user) => output(['-U', user, ...names.map((name) => `${name}_1.0-1`)])),
    );
    const taken = outputs.flatMap((text, index) =>
      (parse(text) as Record<string, { status?: string }[]>[]).flatMap((entry) =>
        Object.entries(entry)
          .filter(([, fields]) => fields[0]?.status === 'ok')
          .map(([name]) => [name, users[index]]),
      ),
    );
    expect(taken.map(([name]) => name).sort()).toEqual(names);
    for (const [name = '', user] of taken) {
      expect(await world.record(name)).toMatchObject({ state: 'Building', builder: user, claim: 1 });
      expect(await world.log(name)).toHaveLength(1);
    }
  });

  it('make a fresh store together', async () => {
    world = await storeWorld();
    const fresh = '--store=sqlite:fresh.db';
    const answers = await Promise.all(['foo', 'bar', 'baz', 'foo'].map((name) => output([fresh, '--info', name])));
    expect(answers).toEqual(['foo', 'bar', 'baz', 'foo'].map((name) => `${name}: not registered\n`));
  });
});

describe('a client that keeps standard input open', () => {
  it.each([
    ['--dep-wait', 'bar\n', 'Dep-Wait'],
    ['--failed', 'broken\n.\n', 'Failed'],
  ])('is not waited for after the text of %s', async (option, text, state) => {
    world = await storeWorld(row('foo'));
    const child = spawn(
      process.execPath,
      [command.path, `--home=${world.home}`, '--dist=sid', '--arch=arm64', option, 'foo_1.0-1'],
      { stdio: ['pipe', 'ignore', 'inherit'] },
    );
    child.stdin.write(text);
    await once(child, 'close');
    expect(child.exitCode).toBe(0);
    expect((await world.record('foo'))?.state).toBe(state);
  });
});

describe('a line on standard input without an end', () => {
  it('is refused before it fills the memory', async () => {
    world = await storeWorld(row('foo'));
    const child = spawn(
      process.execPath,
      [command.path, `--home=${world.home}`, '--dist=sid', '--arch=arm64', '--failed', 'foo_1.0-1'],
      { stdio: ['pipe', 'ignore', 'pipe'] },
    );
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    // The reader goes away amid it.
    child.stdin.on('error', () => undefined);
    child.stdin.write(Buffer.alloc(4 * 1024 * 1024, 'x'));
    await once(child, 'close');
    expect(stderr).toBe('wanna-build: standard input: a line has more than 2097152 characters\n');
    expect(child.exitCode).toBe(64);
    expect((await world.record('foo'))?.state).toBe('Needs-Build');
  });
});

describe('a taker that is killed', () => {
  it('leaves every package either taken and logged, or not at all, and the store sound', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `pkg${index}`);
    world = await storeWorld(...names.map((name) => row(name)));
    for (const milliseconds of [60, 90, 110, 130, 160, 200]) {
      const child = start(['-o', '-U', `b${milliseconds}`, ...names.map((name) => `${name}_1.0-1`)]);
      await delay(milliseconds);
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const records = await Promise.all([world.record('pkg0'), world.record('pkg399')]);
      const logs = await Promise.all([world.log('pkg0'), world.log('pkg399')]);
      // All changes of one call are one transaction: the first and the last package share their fate.
      expect(records[0]?.state).toBe(records[1]?.state);
      expect(logs.map((log) => log.length)).toEqual(records.map((record) => record?.claim));
      expect(integrity()).toBe('ok');
    }
    expect(await output(['-o', '-U', 'b1', 'pkg0_1.0-1'])).toContain('status: ok');
  });
});
