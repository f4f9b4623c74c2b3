import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { purgeDirectories } from '../../src/watcher/purge.ts';
import { watcherHome, type WatcherHome } from './watcher-home.ts';

const homes: WatcherHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

const make = async (lines: readonly string[], conf = ''): Promise<WatcherHome> => {
  const home = await watcherHome(conf);
  homes.push(home);
  writeFileSync(home.paths.purge, lines.map((line) => `${line}\n`).join(''));
  return home;
};

const buildTree = (home: WatcherHome, name: string): string => {
  const path = join(home.paths.build, name);
  mkdirSync(join(path, 'src'), { recursive: true });
  writeFileSync(join(path, 'src', 'main.c'), 'int main;');
  return path;
};

describe('PURGE', () => {
  it('removes the directories that it names and is empty afterwards', async () => {
    const home = await make(['greet-1.0']);
    const path = buildTree(home, 'greet-1.0');
    expect(await purgeDirectories(home)).toEqual(['removed build/greet-1.0']);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(home.paths.purge, 'utf8')).toBe('');
    expect(await purgeDirectories(home)).toEqual([]);
  });

  it('takes the absolute path of a directory in build/ as old tools wrote it', async () => {
    const home = await make([]);
    const path = buildTree(home, 'greet-1.0');
    writeFileSync(home.paths.purge, `${path}\n`);
    expect(await purgeDirectories(home)).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
  });

  it('drops a line whose directory is gone already', async () => {
    const home = await make(['greet-1.0']);
    expect(await purgeDirectories(home)).toEqual([]);
    expect(readFileSync(home.paths.purge, 'utf8')).toBe('');
  });

  it.each(['..', '../logs', 'greet/../../logs', '/etc', '.', '-rf', 'a b', 'x;reboot', '/'])(
    'refuses "%s" and tells the admin',
    async (line) => {
      const home = await make([line]);
      mkdirSync(join(home.paths.build, 'greet'));
      const said = await purgeDirectories(home);
      expect(said).toEqual([`PURGE: refused "${line}": it is not the plain name of a directory in build/`]);
      expect(home.notices).toHaveLength(1);
      expect(home.notices[0]?.subject).toBe('buildd-watcher refused lines of PURGE');
      expect(home.notices[0]?.text).toContain(line);
      expect(existsSync(home.paths.logs)).toBe(true);
      expect(existsSync(join(home.paths.build, 'greet'))).toBe(true);
      expect(readFileSync(home.paths.purge, 'utf8')).toBe('');
    },
  );

  it('refuses a symbolic link and leaves what it points to', async () => {
    const home = await make(['link']);
    symlinkSync(home.paths.logs, join(home.paths.build, 'link'));
    writeFileSync(join(home.paths.logs, 'a-log'), '');
    expect(await purgeDirectories(home)).toEqual(['PURGE: refused "link": it is a symbolic link']);
    expect(existsSync(join(home.paths.logs, 'a-log'))).toBe(true);
  });

  it('removes symbolic links inside a build directory, never what they point to', async () => {
    const home = await make(['greet-1.0']);
    const path = buildTree(home, 'greet-1.0');
    writeFileSync(join(home.paths.logs, 'a-log'), '');
    symlinkSync(home.paths.logs, join(path, 'out'));
    await purgeDirectories(home);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(join(home.paths.logs, 'a-log'))).toBe(true);
  });

  it('refuses a plain file, such as REDO', async () => {
    const home = await make(['REDO']);
    writeFileSync(home.paths.redo, 'greet_1.0 sid\n');
    expect(await purgeDirectories(home)).toEqual(['PURGE: refused "REDO": it is not a directory']);
    expect(readFileSync(home.paths.redo, 'utf8')).toBe('greet_1.0 sid\n');
  });

  it('uses the configured sudo with an argument array', async () => {
    const home = await make(['greet-1.0']);
    const path = buildTree(home, 'greet-1.0');
    const sudo = join(home.paths.root, 'as-root');
    writeFileSync(sudo, `#!/bin/sh\nprintf '%s\\n' "$@" > ${home.paths.root}/called\nshift\nexec "$@"\n`);
    chmodSync(sudo, 0o755);
    const withSudo = { ...home, conf: () => ({ ...home.conf(), sudo: `${sudo} -n` }) };
    expect(await purgeDirectories(withSudo)).toEqual(['removed build/greet-1.0']);
    expect(readFileSync(join(home.paths.root, 'called'), 'utf8')).toBe(`-n\nrm\n-rf\n--one-file-system\n--\n${path}\n`);
  });

  it('keeps the line and says why when sudo did not remove it', async () => {
    const home = await make(['greet-1.0'], 'sudo = "false"\n');
    const path = buildTree(home, 'greet-1.0');
    expect(await purgeDirectories(home)).toEqual(['build/greet-1.0 cannot be removed: false rm did not remove it']);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(home.paths.purge, 'utf8')).toBe('greet-1.0\n');
  });
});
