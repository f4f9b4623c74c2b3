// The buildd-mail command as its user meets it: arguments, one clear line, the exit code; and the listener as a process.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey, type SigningKey } from '../support/admin-key.ts';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { receivingWorld, replyMail } from '../support/receiving-world.ts';

let key: SigningKey;
let command: BundledCommand;
let empty: string;

beforeAll(async () => {
  key = makeKey('Admin <admin@example.org>');
  command = await bundledCommand('buildd-mail');
  empty = mkdtempSync(join(tmpdir(), 'bm-'));
});
afterAll(() => {
  key.remove();
  command.remove();
  rmSync(empty, { recursive: true, force: true });
});

const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command.path, ...args], {
    encoding: 'utf8',
    env: { ...process.env, HOME: empty },
  });
  return { status, stdout, stderr };
};

describe('buildd-mail', () => {
  it('--help shows every option and the exit codes', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const word of ['--run-queue', '--listen', '--explain', '--now', '--retry', '--home', 'Exit status'])
      expect(stdout).toContain(word);
  });

  it.each([
    [[], /^buildd-mail: nothing to do; see buildd-mail --help\n$/],
    [['--frobnicate'], /^buildd-mail: Unknown option '--frobnicate'; see buildd-mail --help\n$/],
    [['--listen'], /^buildd-mail: .*--listen.*; see buildd-mail --help\n$/],
    [['--listen', 'nowhere'], /^buildd-mail: --listen nowhere: expected ADDRESS:PORT, PORT or unix:PATH\n$/],
    [
      ['--run-queue', '--retry', 'x'],
      /^buildd-mail: one of --run-queue, --listen and --retry at a time; see buildd-mail --help\n$/,
    ],
  ])('%j is bad usage, said in one line', (args, line) => {
    expect(run(...args)).toMatchObject({ status: 64, stdout: '', stderr: expect.stringMatching(line) as unknown });
  });

  it('without a configuration says which file is missing', () => {
    const { status, stderr } = run('--run-queue', '--home', empty);
    expect(status).toBe(78);
    expect(stderr).toMatch(/^buildd-mail: no configuration: neither \S+ nor \S+buildd\.conf is there\n$/);
    // In the background nobody reads standard error.
    expect(readFileSync(join(empty, 'daemon.log'), 'utf8')).toContain('no configuration');
  });

  it('where the home is not writable says so, and leaves the mail where it is', () => {
    const home = join(empty, 'unwritable');
    mkdirSync(join(home, 'mqueue'), { recursive: true });
    writeFileSync(join(home, 'mqueue/1'), 'Subject: x\n\n');
    // A directory where the log should be: not even root can write it.
    mkdirSync(join(home, 'daemon.log'));
    writeFileSync(join(home, 'buildd.conf'), 'take_from_dists = ["sid"]\n');
    const { status, stderr } = run('--run-queue', '--home', home);
    expect(existsSync(join(home, 'mqueue/1'))).toBe(true);
    expect(status).toBe(75);
    expect(stderr).toMatch(/^buildd-mail: \S+daemon\.log: cannot be written: .*\n$/);
  });
});

describe('buildd-mail --retry', () => {
  it('processes a mail of mqueue/failed again', async () => {
    const world = await receivingWorld(key.publicKey);
    const greet = await world.built('greet', { result: 'attempted' });
    writeFileSync(join(world.root, 'mqueue/failed/1700000000000000000.1.abc'), replyMail(greet, { body: 'retry' }));
    expect(
      run('--retry', join(world.root, 'mqueue/failed/1700000000000000000.1.abc'), '--home', world.root),
    ).toMatchObject({ status: 0, stderr: '' });
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(world.list('mqueue/failed')).toEqual([]);
    const gone = run('--retry', 'nothing', '--home', world.root);
    expect(gone.status).toBe(65);
    expect(gone.stderr).toMatch(/^buildd-mail: --retry nothing: there is no such mail in \S+mqueue\/failed\n$/);
    await world.close();
  });
});

describe('buildd-mail --listen', () => {
  it('takes an answer over SMTP, obeys it, and ends on TERM', async () => {
    const world = await receivingWorld(key.publicKey, 'acknowledge = true');
    const greet = await world.built('greet', { result: 'attempted' });
    const child = spawn(process.execPath, [command.path, '--listen', '0', '--home', world.root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const port = Number(/^buildd-mail: listening on 127\.0\.0\.1:(\d+)\n$/.exec(line)?.[1]);
    await createTransport({ host: '127.0.0.1', port, ignoreTLS: true }).sendMail({
      envelope: { from: 'admin@example.org', to: [greet.replyTo] },
      raw: replyMail(greet, { body: 'retry' }).replaceAll('\n', '\r\n'),
    });
    for (let i = 0; i < 500 && world.read('build/REDO') === ''; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(world.sent()[0]?.text).toContain('"retry" for greet_1.0');
    expect(world.read('daemon.log')).toMatch(
      /^\S+Z buildd-mail\[\d+\]: mail <reply-\d+@example\.org> of admin@example\.org \[token\]: log-reply retry greet_1\.0/m,
    );
    expect(world.read('mqueue/.max_mail_size')).toBe('10485760\n');
    await world.close();
  });
});

describe('bin/buildd-mail, as ~/.forward starts it', () => {
  it('takes a mail from the mail server and has it obeyed in the background', async () => {
    const world = await receivingWorld(key.publicKey);
    const greet = await world.built('greet', { result: 'attempted' });
    // As it is installed: bin/ beside dist/.
    const installed = mkdtempSync(join(tmpdir(), 'bm-root-'));
    mkdirSync(join(installed, 'bin'));
    mkdirSync(join(installed, 'dist'));
    copyFileSync(join(import.meta.dirname, '../../bin/buildd-mail'), join(installed, 'bin/buildd-mail'));
    symlinkSync(command.path, join(installed, 'dist/buildd-mail.js'));
    const result = spawnSync(join(installed, 'bin/buildd-mail'), [], {
      input: `From admin@example.org  Fri Nov 20 09:15:02 2026\n${replyMail(greet, { body: 'retry' })}`,
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: world.root },
      cwd: '/',
      encoding: 'utf8',
    });
    expect(result).toMatchObject({ status: 0, stdout: '', stderr: '' });
    for (
      let i = 0;
      i < 1000 && (world.read('build/REDO') === '' || world.list('mqueue').some((name) => /^\d/.test(name)));
      i += 1
    ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(world.read('daemon.log')).toContain('log-reply retry greet_1.0 (dist=sid): applied');
    for (let i = 0; i < 500 && world.list('mqueue').includes('.lock'); i += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    rmSync(installed, { recursive: true, force: true });
    await world.close();
  });
});
