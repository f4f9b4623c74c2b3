// README's first command, as a user runs it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '..', '..');
const quickstart = (
  temporary: string,
  ...args: string[]
): [string, string[], { env: NodeJS.ProcessEnv; cwd: string }] => [
  'npm',
  ['run', '--silent', 'quickstart', '--', ...args],
  { cwd: root, env: { ...process.env, TMPDIR: temporary } },
];

describe('npm run quickstart', () => {
  it('brings one package the whole way, one to Failed, shows every step, and leaves nothing behind', () => {
    const temporary = temporaryDirectory('qs');
    const [program, args, options] = quickstart(temporary);
    const { status, stdout, stderr } = spawnSync(program, args, { ...options, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
      'quickstart: broken-greet_1.0 is Failed',
      'quickstart: greet_1.0 is Installed',
    ]);
    expect(stdout.match(/^\d\. .+$/gm)).toHaveLength(7);
    expect(stdout).toContain('Likely reason: the compiler reports an error');
    expect(stdout).toMatch(/uploaded: Built -> Uploaded/);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('ends with exit 1 and one clear line that names the step when something does not do what it must', () => {
    const temporary = temporaryDirectory('qs');
    const directory = join(temporary, 'bin');
    mkdirSync(directory);
    // An archive tool that fails.
    writeFileSync(join(directory, 'dpkg-scanpackages'), '#!/bin/sh\necho no space >&2\nexit 2\n');
    chmodSync(join(directory, 'dpkg-scanpackages'), 0o755);
    symlinkSync(process.execPath, join(directory, 'node'));
    const [program, args, options] = quickstart(temporary);
    const env = { ...options.env, PATH: `${directory}:${process.env['PATH'] ?? ''}` };
    const { status, stdout, stderr } = spawnSync(program, args, { ...options, env, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^quickstart: step 6 \(The archive accepts it and says so\): dpkg-scanpackages .* ended with 2: no space; the home is left in /,
    );
    expect(stdout).not.toContain('quickstart: greet');
  });

  it('with --keep leaves the home, and what it prints for a second terminal works', async () => {
    const temporary = temporaryDirectory('qs');
    const [program, args, options] = quickstart(temporary, '--keep');
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await until('buildd up listening', 60, () => (said.includes('started, pid') ? true : null));
      const typed = said.slice(said.indexOf('In a second terminal type:')).match(/^ {2}\S.*$/gm) ?? [];
      const [variables = '', list = '', again = '', find = '', answer = '', log = ''] = typed;
      const bash = (...lines: string[]): string =>
        execFileSync('bash', ['-ec', [variables, ...lines].join('\n')], { encoding: 'utf8' });
      expect(bash(list)).toContain('Total 2 package(s)');
      const mailbox = /ls -t (\S+)\/\*\.eml/.exec(find)?.[1] ?? '';
      const before = readdirSync(mailbox).length;
      bash(again);
      await until('a log mail of the build that was asked for again', 60, () =>
        readdirSync(mailbox).length > before ? true : null,
      );
      bash(find.replace('less', 'cat'), answer);
      await until('the retry being built', 60, () => (readdirSync(mailbox).length > before + 1 ? true : null));
      expect(bash(log)).toMatch(/admin@example\.org .*retry/);
      expect(readFileSync(join(mailbox, readdirSync(mailbox).sort().at(-1) ?? ''), 'utf8')).toContain(
        'Subject: Log for attempted build of broken-greet_1.0',
      );
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGTERM');
      await ended;
    }
  });
});
