// The command behind ~/.forward, run for real by /bin/sh: what it stores, what it says, with which exit code.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, '../../bin/buildd-mail');
const mail = 'From admin@example.org Fri Nov 20 09:15:02 2026\nFrom: admin@example.org\nSubject: Re: Log\n\nretry\n';
const isRoot = process.getuid?.() === 0;

let home: string;
let bin: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bm-'));
  bin = mkdtempSync(join(tmpdir(), 'bm-bin-'));
  // Stands for node: what the command starts in the background is tested elsewhere.
  writeFileSync(join(bin, 'node'), `#!/bin/sh\necho "$*" >>'${bin}/started'\n`);
  chmodSync(join(bin, 'node'), 0o755);
});

afterEach(() => {
  spawnSync('umount', ['-q', join(home, 'mqueue')]);
  chmodSync(home, 0o755);
  rmSync(home, { recursive: true, force: true });
  rmSync(bin, { recursive: true, force: true });
});

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: `${bin}:/usr/bin:/bin`,
  HOME: home,
  ...more,
});

const deliver = (input: string | Buffer, args: string[] = [], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> =>
  spawnSync(program, args, { input, env: environment(env), cwd: '/', encoding: 'utf8' });

const stored = (root = home): string[] =>
  readdirSync(join(root, 'mqueue'))
    .filter((name) => !name.startsWith('.'))
    .sort();
const everything = (root = home): string[] =>
  readdirSync(join(root, 'mqueue')).filter((name) => name !== '.max_mail_size');
const contentOf = (name: string | undefined, root = home): string =>
  readFileSync(join(root, 'mqueue', name ?? ''), 'utf8');
const hasText = (path: string): boolean => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n');
const started = async (): Promise<string> => {
  for (let i = 0; i < 200 && !hasText(join(bin, 'started')); i += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return existsSync(join(bin, 'started')) ? readFileSync(join(bin, 'started'), 'utf8') : '';
};

describe('a mail from the mail server', () => {
  it('is stored whole, mbox From line and all, readable by its owner alone, and the processor is started', async () => {
    const result = deliver(mail);
    expect(result).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const [name] = stored();
    expect(everything()).toEqual([name]);
    expect(contentOf(name)).toBe(mail);
    expect(statSync(join(home, 'mqueue', name ?? '')).mode & 0o777).toBe(0o600);
    expect(await started()).toMatch(new RegExp(`^\\S+/dist/buildd-mail\\.js --run-queue --home ${home}\n$`));
  });

  it('is stored byte for byte when it is binary', () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256));
    expect(deliver(bytes).status).toBe(0);
    expect(readFileSync(join(home, 'mqueue', stored()[0] ?? '')).equals(bytes)).toBe(true);
  });

  it('is synced, and so is the directory, before the command ends', () => {
    const trace = join(bin, 'trace');
    const result = spawnSync(
      'strace',
      ['-f', '-qq', '-e', 'trace=fsync,rename,renameat,renameat2', '-o', trace, program],
      {
        input: mail,
        env: environment(),
      },
    );
    if (result.error !== undefined) {
      expect(process.env['CI'], 'strace is not installed').not.toBe('true');
      return;
    }
    const calls = readFileSync(trace, 'utf8')
      .split('\n')
      .map((line) => /^\d+\s+(?:<\.\.\. )?(fsync|rename)/.exec(line)?.[1])
      .filter(Boolean);
    expect(calls.join(' ')).toBe('fsync rename fsync');
  });

  it('keeps the order of arrival in the names', () => {
    for (const n of ['1', '2', '3', '4']) deliver(`Subject: ${n}\n\n`);
    expect(stored().map((name) => contentOf(name))).toEqual(['1', '2', '3', '4'].map((n) => `Subject: ${n}\n\n`));
  });

  it('goes to --home, else to BUILDD_HOME, else to HOME', () => {
    const [a, b] = ['a', 'b'].map((name) => join(home, name));
    mkdirSync(a ?? '');
    mkdirSync(b ?? '');
    deliver(mail, ['--home', a ?? ''], { BUILDD_HOME: b });
    deliver(mail, [], { BUILDD_HOME: b });
    deliver(mail, [`--home=${a}`]);
    expect(stored(a)).toHaveLength(2);
    expect(stored(b)).toHaveLength(1);
    expect(existsSync(join(home, 'mqueue'))).toBe(false);
  });

  it('is stored, too, when the command is called through a symbolic link, with no HOME helpful, from anywhere', async () => {
    symlinkSync(program, join(bin, 'linked'));
    const result = spawnSync(join(bin, 'linked'), [], { input: mail, env: environment(), cwd: bin });
    expect(result.status).toBe(0);
    expect(stored()).toHaveLength(1);
    expect(await started()).toContain(join(import.meta.dirname, '../../bin'));
  });

  it('does not make the mail server wait for the processor', async () => {
    writeFileSync(join(bin, 'node'), `#!/bin/sh\necho $$ >'${bin}/started'\nexec sleep 600\n`);
    // spawnSync ends only when all pipes are closed: a background process that held one would hang here.
    expect(deliver(mail).status).toBe(0);
    process.kill(Number(await started()), 'SIGKILL');
  });

  it('that is empty is stored: what it means is for the processor to say', () => {
    expect(deliver('').status).toBe(0);
    expect(stored()).toHaveLength(1);
  });
});

describe('a mail larger than max_mail_size', () => {
  it('is taken, its beginning kept and marked', () => {
    mkdirSync(join(home, 'mqueue'));
    writeFileSync(join(home, 'mqueue/.max_mail_size'), '100\n');
    const large = `Subject: large\n\n${'x'.repeat(300_000)}`;
    expect(deliver(large)).toMatchObject({ status: 0, stderr: '' });
    expect(stored()[0]).toMatch(/\.oversize$/);
    expect(contentOf(stored()[0])).toBe(large.slice(0, 100));
  });

  it('of exactly that size is an ordinary one', () => {
    mkdirSync(join(home, 'mqueue'));
    writeFileSync(join(home, 'mqueue/.max_mail_size'), '100\n');
    deliver('x'.repeat(100));
    expect(stored()[0]).not.toMatch(/oversize/);
  });

  it('is one of more than 10 MiB where nothing is said, or nonsense', () => {
    deliver(Buffer.alloc(10 * 1024 * 1024 + 1));
    writeFileSync(join(home, 'mqueue/.max_mail_size'), '1; rm -rf /\n');
    deliver(Buffer.alloc(1024));
    expect(stored().map((name) => name.endsWith('.oversize'))).toEqual([true, false]);
  });
});

describe('a mail that cannot be stored', () => {
  const refusedWith = (result: SpawnSyncReturns<string>, reason: RegExp): void => {
    expect(result.status).toBe(75);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(
      /^buildd-mail: \S*mqueue: the mail could not be stored \(.+\); the mail server keeps it\n$/,
    );
    expect(result.stderr).toMatch(reason);
    expect(existsSync(join(bin, 'started'))).toBe(false);
  };

  it('is left to the mail server when mqueue is not writable', () => {
    mkdirSync(join(home, 'mqueue'));
    chmodSync(join(home, 'mqueue'), 0o555);
    const result = isRoot
      ? spawnSync('setpriv', ['--reuid=65534', '--clear-groups', '--', program], {
          input: mail,
          env: environment(),
          encoding: 'utf8',
          cwd: '/',
        })
      : deliver(mail);
    // A home that nobody may even enter says so in the same way.
    refusedWith(result, /Permission denied/);
    expect(everything()).toEqual([]);
  });

  it('is left to the mail server when mqueue is a file, and when the home is not there', () => {
    writeFileSync(join(home, 'mqueue'), '');
    refusedWith(deliver(mail), /File exists|Not a directory/);
    refusedWith(deliver(mail, ['--home', join(home, 'nowhere')]), /No such file/);
  });

  it('is left to the mail server when the disk is full, with nothing half left', () => {
    mkdirSync(join(home, 'mqueue'));
    const mounted =
      isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', join(home, 'mqueue')]).status === 0;
    const large = 'x'.repeat(200_000);
    const result = mounted
      ? deliver(large)
      : spawnSync('sh', ['-c', `ulimit -f 8; exec '${program}'`], {
          input: large,
          env: environment(),
          encoding: 'utf8',
        });
    refusedWith(result, mounted ? /No space left/ : /./);
    expect(everything()).toEqual([]);
  });

  it('is left to the mail server when a file size limit cuts it', () => {
    const result = spawnSync('sh', ['-c', `ulimit -f 8; exec '${program}'`], {
      input: 'x'.repeat(200_000),
      env: environment(),
      encoding: 'utf8',
      cwd: '/',
    });
    expect(result.status).toBe(75);
    expect(result.stderr).toMatch(/could not be stored/);
    expect(everything()).toEqual([]);
  });

  it('is left to the mail server when standard input cannot be read', () => {
    const result = spawnSync('sh', ['-c', `exec '${program}' <&-`], { env: environment(), encoding: 'utf8', cwd: '/' });
    refusedWith(result, /descriptor|standard input/);
    expect(everything()).toEqual([]);
  });

  it('is left to the mail server when it ends the command in the middle', () => {
    spawnSync('mkfifo', [join(bin, 'fifo')]);
    const script = `exec 3<>"$1/fifo"; printf 'Subject: half' >&3; setsid '${program}' <&3 & sleep 0.3; kill -TERM -$!; wait $!; echo $?`;
    const result = spawnSync('sh', ['-c', script, 'sh', bin], {
      env: environment(),
      encoding: 'utf8',
      cwd: '/',
      timeout: 20_000,
    });
    expect(everything()).toEqual([]);
    expect(result.stdout.trim()).not.toBe('0');
  });
});

describe('any other argument', () => {
  it('goes to the node program, all of them', async () => {
    const result = deliver('', ['--explain', '--now', '2026-11-20T09:00:00Z', 'a file']);
    expect(result.status).toBe(0);
    expect(await started()).toMatch(/dist\/buildd-mail\.js --explain --now 2026-11-20T09:00:00Z a file\n$/);
    expect(existsSync(join(home, 'mqueue'))).toBe(false);
  });
});
