// What no command may stumble over: a store or home.db that cannot be used, a disk without room, a mail server that is
// dead. One line or mail, the right exit code, and nothing lost.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unsentCount } from '../../src/home/outbox.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { daemonHome, startLoop, stopLoops, type DaemonHome } from '../support/daemon-home.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { changesText } from '../support/upload-home.ts';

const names = ['buildd', 'buildd-mail', 'buildd-uploader', 'buildd-watcher'] as const;
const commands = new Map<string, BundledCommand>();
beforeAll(async () => {
  for (const name of names) commands.set(name, await bundledCommand(name));
});
afterAll(() => {
  for (const command of commands.values()) command.remove();
});
afterEach(stopLoops);

const run = (name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [commands.get(name)?.path ?? '', ...args], {
    encoding: 'utf8',
    env: { ...process.env, HOME: '/nonexistent', BUILDD_HOME: '', ...env },
  });
  return { status, stdout, stderr };
};

const noDatabase = 'this is not a database, it is a text that is long enough to be looked at as one\n'.repeat(20);
const runs = [
  ['buildd', ['--no-detach']],
  ['buildd', ['up', '--listen', '0']],
  ['buildd-mail', ['--run-queue']],
  ['buildd-uploader', []],
  ['buildd-watcher', []],
] as const;

/** A home in which each command would find work. */
const homeWithWork = async (): Promise<DaemonHome> => {
  const home = daemonHome();
  await home.add('sid', 'greet');
  home.write('mqueue/1700000000000000000.1.abc', 'From: admin@example.org\nSubject: x\n\nretry\n');
  mkdirSync(join(home.root, 'upload'));
  home.write('upload/greet_1.0_amd64.changes', changesText({}));
  mkdirSync(join(home.root, 'build/greet-1.0'));
  home.write('build/PURGE', 'greet-1.0\n');
  home.write('build/REDO', 'greet_1.0 sid\n');
  return home;
};

const isUntouched = (home: DaemonHome): boolean =>
  existsSync(join(home.root, 'mqueue/1700000000000000000.1.abc')) &&
  existsSync(join(home.root, 'upload/greet_1.0_amd64.changes')) &&
  !existsSync(join(home.root, 'upload/greet_1.0_amd64.upload')) &&
  existsSync(join(home.root, 'build/greet-1.0')) &&
  home.read('build/REDO') === 'greet_1.0 sid\n' &&
  home.begun().length === 0 &&
  !existsSync(join(home.root, 'sent'));

// The uploader and the watcher do without it until they have something to report, which waits.
describe.each(runs.slice(0, 3))('%s %j', (name, args) => {
  it('with a store that is damaged says so in one line, ends with 69, and touches nothing', async () => {
    const home = await homeWithWork();
    for (const suffix of ['-wal', '-shm']) rmSync(join(home.root, `wanna-build.db${suffix}`), { force: true });
    home.write('wanna-build.db', noDatabase);
    const { status, stderr } = run(name, ['--home', home.root, ...args]);
    const line = `${name}: store ${home.root}/wanna-build.db: cannot be used: file is not a database; restore it from a backup`;
    expect({ status, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({ status: 69, last: line });
    expect(stderr).not.toMatch(/^ +at /m);
    expect(home.read('wanna-build.db')).toBe(noDatabase);
    expect(isUntouched(home)).toBe(true);
  });
});

describe.each(runs)('%s %j', (name, args) => {
  it('with a home.db that is damaged says so in one line, ends with 69, and touches nothing', async () => {
    const home = await homeWithWork();
    home.write('home.db', noDatabase);
    const { status, stderr } = run(name, ['--home', home.root, ...args]);
    expect(status).toBe(69);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(`^${name}: ${home.root}/home\\.db: cannot be opened as a database: [^\\n]+$`),
    );
    expect(home.read('home.db')).toBe(noDatabase);
    expect(isUntouched(home)).toBe(true);
  });
});

describe.skipIf(process.getuid?.() !== 0)('a disk without any room', () => {
  it.each(runs)('%s %j: one line, exit code 75, and what is there stays', (name, args) => {
    const root = temporaryDirectory('full');
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', root]).status).toBe(0);
    try {
      const conf = 'take_from_dists = ["sid"]\n';
      writeFileSync(join(root, 'buildd.conf'), conf);
      spawnSync('dd', ['if=/dev/zero', `of=${root}/ballast`, 'bs=4k'], { stdio: 'ignore' });
      const { status, stderr } = run(name, ['--home', root, ...args]);
      expect(stderr).toMatch(new RegExp(`^${name}: ${root}[^\\n]*(?:ENOSPC|full|no space)[^\\n]*\\n$`));
      expect(status).toBe(75);
      expect(readFileSync(join(root, 'buildd.conf'), 'utf8')).toBe(conf);
    } finally {
      spawnSync('umount', ['-l', root]);
    }
  });
});

describe('sbuild that is not installed', () => {
  it('is said in the log and in a mail; nothing is taken', async () => {
    const home = daemonHome();
    home.write(
      'buildd.conf',
      home.read('buildd.conf').replace(/\[builder\.command\]\nbuild = .*\n/, '[builder]\nuse = "sbuild"\n'),
    );
    await home.add('sid', 'greet');
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const loop = await startLoop(home);
      const mail = await home.untilMailed(/^Builder cannot work: sbuild is not installed/);
      expect(mail.text.replace(/\s+/g, ' ')).toContain('sbuild is not installed: apt-get install sbuild schroot');
      expect(
        loop.logged.filter((line) => line.startsWith('Builder cannot work: sbuild is not installed: ')),
      ).toHaveLength(1);
      await loop.stop();
    } finally {
      process.env['PATH'] = path;
    }
    expect(await home.record('greet')).toMatchObject({ state: 'Needs-Build', claim: 0 });
    expect(home.read('build/SBUILD-GIVEN-BACK')).toBe('');
  });
});

describe('a mail server that is dead', () => {
  it('delays the log mail, not the build; it is kept, and sent once when there is a way again', async () => {
    const home = daemonHome();
    const port = await freePort();
    home.write('buildd.conf', home.read('buildd.conf').replace('"dir:sent"', `"smtp://127.0.0.1:${port}"`));
    await home.add('sid', 'greet', 'other');
    let later = 0;
    const clock: Clock = {
      now: () => new Date(Date.now() + later),
      sleep: (seconds, signal) => systemClock.sleep(seconds, signal),
    };
    const loop = await startLoop(home, () => ({}), clock);
    await loop.untilLogged(/^mail cannot be sent \(\d waiting\), next attempt at \S+: [^\n]*ECONNREFUSED/);
    await loop.untilLogged(/^other_1\.0 \(sid\), build 2: successful$/);
    // The log says so before it is reported; the mails wait from the moment that the report is done.
    await until('both mails waiting', 20, () => (unsentCount(loop.ports.db) === 2 ? true : null));
    expect([await home.state('greet'), await home.state('other')]).toEqual(['Built', 'Built']);
    home.configure('');
    await loop.untilLogged(/^read the configuration again$/);
    later = 5 * 60_000;
    loop.control.wake();
    await home.untilMailed(/greet_1\.0/);
    await home.untilMailed(/other_1\.0/);
    await loop.stop();
    expect(home.mails()).toHaveLength(2);
  });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
