// The buildd command as real processes: what its admin sees, what signals and crashes do. The program is bundled into a
// directory of its own, so that a test can replace it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { daemonHome, type DaemonHome } from '../support/daemon-home.ts';
import { endAgent, makeSigningKey } from '../support/gpg-key.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

let command: BundledCommand;
beforeAll(async () => {
  command = await bundledCommand('buildd');
});
afterAll(() => command.remove());

const children = new Set<ChildProcess>();
const homes = new Set<DaemonHome>();
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  for (const home of homes) {
    const pid = pidOf(home);
    if (pid !== null && pid !== process.pid) {
      process.kill(pid, 'SIGTERM');
      await until('the daemon ending', 20, () => (isRunning(pid) ? null : true));
    }
  }
  homes.clear();
});

const environment = { ...process.env, HOME: '/nonexistent', BUILDD_HOME: '' };
const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command.path, ...args], {
    encoding: 'utf8',
    env: environment,
  });
  return { status, stdout, stderr };
};

const make = (keys = '', root?: string): DaemonHome => {
  const home = root === undefined ? daemonHome(keys) : daemonHome(keys, root);
  homes.add(home);
  return home;
};

const pidOf = (home: DaemonHome): number | null => {
  const pid = Number(/^(\d+) /.exec(home.read('build/buildd.pid'))?.[1] ?? 0);
  return pid > 0 && isRunning(pid) ? pid : null;
};

/** The same, for signals: a pid of 0 would be our own process group. */
const daemonOf = (home: DaemonHome): number => {
  const pid = pidOf(home);
  if (pid === null || pid === process.pid) throw new Error('no daemon runs');
  return pid;
};

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
};

interface Daemon {
  readonly pid: number;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

/** Starts the daemon in the foreground and waits until it is up. */
const startDaemon = async (
  home: DaemonHome,
  program = command.path,
  env: NodeJS.ProcessEnv = environment,
): Promise<Daemon> => {
  const child = spawn(process.execPath, [program, '--home', home.root, '--no-detach'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  children.add(child);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    // Not `close`: a successor has the same standard error.
    child.once('exit', (code) => resolve({ code, stderr }));
  });
  await until('the daemon being up', 20, () =>
    home.read('daemon.log').includes(`started, pid ${child.pid ?? 0}`) ? true : null,
  );
  if (child.pid === undefined) throw new Error('not started');
  return { pid: child.pid, ended };
};

const untilLogged = (home: DaemonHome, line: RegExp, times = 1): Promise<true> =>
  until(`${String(line)} in the log:\n${home.read('daemon.log')}`, 20, () =>
    home
      .read('daemon.log')
      .split('\n')
      .filter((one) => line.test(one)).length >= times
      ? true
      : null,
  );

describe('buildd', () => {
  it('--help shows commands, options and exit codes', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const word of ['check-config', 'up', '--home', '--no-detach', '--listen', 'Exit status'])
      expect(stdout).toContain(word);
  });

  it.each([[['--help', 'extra']], [['up', '--frobnicate', '-h']]])(
    '%j shows the help, whatever else is asked for',
    (args) => {
      expect(run(...args)).toEqual({ status: 0, stdout: run('--help').stdout, stderr: '' });
    },
  );

  it('--version names program and version', () => {
    expect(run('--version')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^buildd \(mailbuildd\) \d+\.\d+\.\d+\n$/) as unknown,
    });
  });

  it.each([
    [['frobnicate', 'now'], 'buildd: unknown command "frobnicate"; known are check-config and up; see buildd --help\n'],
    [['frobnicate'], 'buildd: unknown command "frobnicate"; known are check-config and up; see buildd --help\n'],
    [['--frobnicate'], "buildd: Unknown option '--frobnicate'; see buildd --help\n"],
    [['--home'], "buildd: Option '--home <value>' argument missing; see buildd --help\n"],
    [['up', 'now'], 'buildd: unexpected argument "now"; see buildd --help\n'],
    [['--listen', '25'], 'buildd: --listen goes with the command up\n'],
    [['up', '--listen', 'nowhere'], 'buildd: --listen nowhere: expected ADDRESS:PORT, PORT or unix:PATH\n'],
  ])('%j is bad usage, said in one line', (args, stderr) => {
    expect(run(...args)).toEqual({ status: 64, stdout: '', stderr });
  });

  it.each([[[]], [['--no-detach']], [['up', '--listen', '0']], [['check-config']]])(
    '%j says in one line which key is wrong, and changes nothing',
    (args) => {
      const root = temporaryDirectory();
      writeFileSync(join(root, 'buildd.conf'), 'take_from_dists = ["sid"]\nmax_bild = 3\n');
      expect(run('--home', root, ...args)).toEqual({
        status: 78,
        stdout: '',
        stderr: `buildd: ${root}/buildd.conf: max_bild: unknown key\n`,
      });
      expect(existsSync(join(root, 'build'))).toBe(false);
      expect(existsSync(join(root, 'home.db'))).toBe(false);
    },
  );

  it('check-config says that all is well, what has no effect yet, and that `sender` proves nothing', () => {
    const home = make('dupload_to = "local"');
    home.write('buildd.conf', home.read('buildd.conf').replace('[auth]', '[auth]\naccept = ["signature", "sender"]'));
    const { status, stdout, stderr } = run('--home', home.root, 'check-config');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^warning: auth\.accept has "sender": /m);
    expect(stdout).toContain(
      `configuration is valid: ${home.root}/buildd.conf; distributions stable (amd64), sid (amd64); builder command; store `,
    );
  });

  it('check-config and the daemon warn of what cannot work here, and ends with 0 all the same', async () => {
    const home = make();
    const fingerprint = 'A'.repeat(40);
    home.write('empty.asc', '');
    home.write(
      'buildd.conf',
      home
        .read('buildd.conf')
        .replace('[auth]', '[auth]\nadmin_keyring = ["missing.asc", "empty.asc"]')
        .replace('[mail]', `[mail]\nsign_logs_with = "${fingerprint}"`)
        .replace(
          '[[distributions]]',
          `[[distributions]]\ndupload_local_queue_dir = "elsewhere"\nsign_with = "${fingerprint}"`,
        ),
    );
    rmSync(join(home.root, 'build.sh'));
    const { status, stdout, stderr } = run('--home', home.root, 'check-config');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const warnings = [
      `auth.admin_keyring: ${home.root}/missing.asc: no such file; put the admins' public keys there`,
      `auth.admin_keyring: ${home.root}/empty.asc holds no armored public key`,
      `mail.sign_logs_with: ${home.root}/gnupg has no secret key ${fingerprint}; import it`,
      `sign_with of stable: ${home.root}/gnupg has no secret key`,
      `sign_with of sid: ${home.root}/gnupg has no secret key`,
      'stable: dupload_local_queue_dir "elsewhere" is in no [[upload_queues]]',
      'sid: dupload_local_queue_dir "elsewhere" is in no [[upload_queues]]',
    ];
    const builder = `${home.root}/build.sh is not there or cannot be executed`;
    const lines = stdout.split('\n').filter((line) => line.startsWith('warning: '));
    expect(lines.map((line, index) => line.startsWith(`warning: ${[...warnings, builder][index] ?? 'none'}`))).toEqual(
      lines.map(() => true),
    );
    expect(lines).toHaveLength(warnings.length + 1);
    await startDaemon(home);
    for (const warning of warnings) expect(home.read('daemon.log')).toContain(`warning: ${warning}`);
    await home.untilMailed(/^Builder cannot work: /);
  });

  it('check-config has nothing to warn of where key, queue and builder are there', () => {
    const home = make();
    const fingerprint = makeSigningKey(home.paths.gnupg, 'Example buildd <buildd@example.org>');
    const exported = ['--homedir', home.paths.gnupg, '--batch', '--armor', '--export', fingerprint];
    home.write('admins.asc', spawnSync('gpg', exported, { encoding: 'utf8' }).stdout);
    home.write(
      'buildd.conf',
      home
        .read('buildd.conf')
        .replace('[auth]', '[auth]\nadmin_keyring = "admins.asc"')
        .replace('[mail]', `[mail]\nsign_logs_with = "${fingerprint}"`),
    );
    const { stdout } = run('--home', home.root, 'check-config');
    endAgent(home.paths.gnupg);
    expect(stdout).not.toContain('warning');
  });

  it.each([
    ['that is damaged', 'this is not a database, it is a text that is long enough to be looked at as one'],
    ['that is a directory', null],
  ])('with a store %s says so in one line and ends with 69, in the foreground as in the background', (_what, text) => {
    const home = make();
    if (text === null) mkdirSync(join(home.root, 'wanna-build.db'));
    else home.write('wanna-build.db', text);
    for (const args of [['--no-detach'], []]) {
      const { status, stderr } = run('--home', home.root, ...args);
      expect(status).toBe(69);
      expect(stderr).toMatch(new RegExp(`^buildd: store ${home.root}/wanna-build\\.db: cannot be used: [^\\n]+\\n$`));
    }
    expect(existsSync(home.paths.pid)).toBe(false);
    expect(home.read('daemon.log')).toContain('ended: buildd: store');
    if (text !== null) expect(home.read('wanna-build.db')).toBe(text);
  });

  it('where the home is not writable says so in one line and ends with 75', () => {
    const home = make();
    rmSync(home.paths.stats, { recursive: true });
    // A file where a directory should be: not even root can make it.
    home.write('stats', '');
    const { status, stderr } = run('--home', home.root);
    expect(status).toBe(75);
    expect(stderr).toMatch(
      new RegExp(
        `^buildd: ${home.root}: the home's directories cannot be made \\([^\\n]+\\); see that this user can write there\\n$`,
      ),
    );
  });
});

describe('buildd in the background', () => {
  it('comes back when it is up; a second one names its pid and ends with 65; TERM ends it and its pid file is gone', async () => {
    const home = make();
    expect(run('--home', home.root)).toEqual({ status: 0, stdout: '', stderr: '' });
    const pid = daemonOf(home);
    const refusal = `buildd: a daemon already runs on this home, pid ${pid} (${home.paths.pid}); stop it first\n`;
    for (const args of [[], ['--no-detach'], ['up', '--listen', '0']])
      expect(run('--home', home.root, ...args)).toMatchObject({
        status: 65,
        stdout: '',
        stderr: expect.stringContaining(refusal) as unknown,
      });
    expect(pidOf(home)).toBe(pid);
    process.kill(pid, 'SIGTERM');
    await until('the daemon ending', 20, () => (isRunning(pid) ? null : true));
    expect(existsSync(home.paths.pid)).toBe(false);
    expect(home.read('daemon.log')).toMatch(/buildd\[\d+\]: stopped\n$/);
  });

  it('takes over a pid file whose daemon is gone', async () => {
    const home = make();
    home.write('build/buildd.pid', `${process.pid} 1 another-boot\n`);
    expect(run('--home', home.root).status).toBe(0);
    expect(pidOf(home)).not.toBe(process.pid);
    await untilLogged(home, /started, pid/);
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('stops the running build, puts its package into REDO, and ends with 0', async () => {
    const home = make();
    await home.add('sid', 'greet');
    home.hold('greet');
    const daemon = await startDaemon(home);
    await home.untilBegun('greet_1.0');
    process.kill(daemon.pid, signal);
    expect(await daemon.ended).toEqual({ code: 0, stderr: '' });
    expect(home.stopped()).toEqual(['greet_1.0']);
    expect(home.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(existsSync(home.paths.pid)).toBe(false);
    expect(await home.state('greet')).toBe('Building');
    expect(home.mails()).toEqual([]);
  });
});

describe('other signals', () => {
  it('HUP opens the log anew, USR1 reads the configuration again; nothing ends', async () => {
    const home = make();
    const daemon = await startDaemon(home);
    renameSync(home.paths.daemonLog, `${home.paths.daemonLog}.old`);
    process.kill(daemon.pid, 'SIGHUP');
    await until('a new log', 20, () => (existsSync(home.paths.daemonLog) ? true : null));
    process.kill(daemon.pid, 'SIGUSR1');
    await untilLogged(home, /read the configuration again$/);
    expect(readFileSync(`${home.paths.daemonLog}.old`, 'utf8')).not.toContain('read the configuration again');
    process.kill(daemon.pid, 'SIGUSR2');
    await home.add('sid', 'greet');
    home.write('build/wake', '');
    await home.untilMailed(/^Log for successful build of greet/);
  });

  it('HUP where the log cannot be opened does not end the daemon', async () => {
    const home = make();
    const daemon = await startDaemon(home);
    rmSync(home.paths.daemonLog);
    mkdirSync(home.paths.daemonLog);
    process.kill(daemon.pid, 'SIGHUP');
    await home.add('sid', 'greet');
    home.write('build/wake', '');
    await home.untilMailed(/^Log for successful build of greet/);
    rmSync(home.paths.daemonLog, { recursive: true });
  });

  it('USR2 ends the pause after repeated local problems', async () => {
    const home = make('max_sbuild_fails = 0');
    await home.add('sid', 'a1', 'b1');
    home.exitWith('a1', 1);
    const daemon = await startDaemon(home);
    await home.untilMailed(/^Repeated mess with sbuild$/);
    expect(home.begun()).toEqual(['a1_1.0 sid']);
    process.kill(daemon.pid, 'SIGUSR2');
    await home.untilBegun('b1_1.0');
  });
});

describe('kill -9 while a package is built', () => {
  it('ends the build, too; the next start says so, puts it into REDO and builds it exactly once more', async () => {
    const home = make();
    await home.add('sid', 'greet');
    home.hold('greet');
    const daemon = await startDaemon(home);
    await home.untilBegun('greet_1.0');
    process.kill(daemon.pid, 'SIGKILL');
    await daemon.ended;
    await until('the build ending', 20, () => (home.stopped().length === 1 ? true : null));
    home.release('greet');
    await startDaemon(home);
    await home.untilMailed(/^Log for successful build of greet_1\.0/);
    await home.add('sid', 'other');
    home.write('build/wake', '');
    await home.untilMailed(/other_1\.0/);
    expect(home.read('daemon.log')).toContain('build 1 of greet_1.0 was cut off');
    expect(home.read('daemon.log')).toContain('greet_1.0 (sid) is Building for us but was not built: into REDO');
    expect(home.begun()).toEqual(['greet_1.0 sid', 'greet_1.0 sid', 'other_1.0 sid']);
    expect(home.read('build/REDO')).toBe('');
    expect(await home.state('greet')).toBe('Built');
  });
});

describe('a program that is replaced on disk', () => {
  it('is started in the place of the old one when the running build is done: same home, nothing lost', async () => {
    const own = await bundledCommand('buildd');
    const home = make();
    await home.add('sid', 'greet', 'other');
    home.hold('greet');
    const daemon = await startDaemon(home, own.path);
    await home.untilBegun('greet_1.0');
    appendFileSync(own.path, '\n// A newer one.\n');
    await untilLogged(home, /the program was replaced: starting the new one when the running builds are done$/);
    expect(home.stopped()).toEqual([]);
    home.release('greet');
    expect(await daemon.ended).toMatchObject({ code: 0 });
    await home.untilMailed(/other_1\.0/);
    expect(home.mails().map((mail) => mail.subject.split(' on ')[0])).toEqual([
      'Log for successful build of greet_1.0',
      'Log for successful build of other_1.0',
    ]);
    expect(pidOf(home)).not.toBe(daemon.pid);
    const pid = daemonOf(home);
    process.kill(pid, 'SIGTERM');
    await until('the new daemon ending', 20, () => (isRunning(pid) ? null : true));
    own.remove();
  });

  it('is left to systemd, which would end what we start together with us', async () => {
    const own = await bundledCommand('buildd');
    const home = make();
    const launcher = join(home.root, 'as-systemd');
    // As systemd.exec(5) sets it: the pid of the service's main process.
    writeFileSync(
      launcher,
      `#!/bin/sh\nSYSTEMD_EXEC_PID=$$ exec "${process.execPath}" "${own.path}" --home "${home.root}" --no-detach\n`,
    );
    chmodSync(launcher, 0o755);
    const child = spawn(launcher, { stdio: 'ignore', env: environment });
    children.add(child);
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    await untilLogged(home, /started, pid/);
    appendFileSync(own.path, '\n// A newer one.\n');
    expect(await ended).toBe(75);
    expect(existsSync(home.paths.pid)).toBe(false);
    own.remove();
  });
});

describe.skipIf(process.getuid?.() !== 0)('a disk that is full', () => {
  it('does not end the daemon; when there is room again, nothing is lost', async () => {
    const root = temporaryDirectory('full');
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', root]).status).toBe(0);
    try {
      const home = make('', root);
      await home.add('sid', 'greet', 'other');
      home.hold('greet');
      const daemon = await startDaemon(home);
      await home.untilBegun('greet_1.0');
      const { status } = spawnSync('dd', ['if=/dev/zero', `of=${root}/ballast`, 'bs=4k'], { stdio: 'ignore' });
      expect(status).toBe(1);
      home.release('greet');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(isRunning(daemon.pid)).toBe(true);
      expect(home.mails()).toEqual([]);
      rmSync(join(root, 'ballast'));
      process.kill(daemon.pid, 'SIGUSR1');
      await until('both builds being reported', 90, () => (home.mails().length >= 2 ? true : null));
      const states = await Promise.all(['greet', 'other'].map((name) => home.state(name)));
      expect(states.filter((state) => state === 'Building' || state === null)).toEqual([]);
      expect(home.read('daemon.log')).toMatch(/ENOSPC|disk is full|no space/i);
      process.kill(daemon.pid, 'SIGTERM');
      expect(await daemon.ended).toMatchObject({ code: 0 });
    } finally {
      for (const child of children) child.kill('SIGKILL');
      spawnSync('umount', ['-l', root]);
    }
  }, 120_000);
});
