import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { warnOfOldFiles } from '../../src/watcher/old-files.ts';
import { age, daysAgo, now, putOld, watcherHome, type WatcherHome } from './watcher-home.ts';

const homes: WatcherHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

const make = async (conf = ''): Promise<WatcherHome> => {
  const home = await watcherHome(conf);
  homes.push(home);
  return home;
};

describe('old files', () => {
  it('are mailed with the date of their last change, from build/ and every upload queue', async () => {
    const home = await make();
    putOld(join(home.paths.build, 'greet_1.0_amd64.deb'), 8);
    putOld(join(home.paths.root, 'upload', 'greet_1.0_amd64.changes'), 9);
    putOld(join(home.paths.root, 'upload-security', 'x.deb'), 10);
    putOld(join(home.paths.build, 'young.deb'), 6);
    expect(await warnOfOldFiles(home)).toEqual(['told the admin of 3 old files']);
    expect(home.notices[0]?.subject).toBe('buildd-watcher found some old files');
    expect(home.notices[0]?.text).toContain(
      '  2026-11-12  build/greet_1.0_amd64.deb\n  2026-11-11  upload/greet_1.0_amd64.changes\n  2026-11-10  upload-security/x.deb\n',
    );
    expect(home.notices[0]?.text).not.toContain('young');
  });

  it('are told once per warning_age', async () => {
    const home = await make();
    putOld(join(home.paths.build, 'greet_1.0_amd64.deb'), 8);
    await warnOfOldFiles(home);
    expect(await warnOfOldFiles(home)).toEqual([]);
    home.setTime(daysAgo(-6));
    expect(await warnOfOldFiles(home)).toEqual([]);
    home.setTime(daysAgo(-7));
    expect(await warnOfOldFiles(home)).toEqual(['told the admin of 1 old file']);
    expect(readFileSync(home.paths.reportedOldFiles, 'utf8')).toBe(
      `${daysAgo(-7).getTime() / 1000} build/greet_1.0_amd64.deb\n`,
    );
  });

  it('do not include what no_warn_pattern matches, nor the files that belong in build/', async () => {
    const home = await make(`no_warn_pattern = '^build/chroot-'\n`);
    for (const name of ['chroot-sid', 'REDO', 'PURGE', 'buildd.pid', 'SBUILD-GIVEN-BACK'])
      putOld(join(home.paths.build, name), 30);
    expect(await warnOfOldFiles(home)).toEqual([]);
  });

  it('do not include a directory in which anything changed since', async () => {
    const home = await make();
    const tree = join(home.paths.build, 'greet-1.0');
    putOld(join(tree, 'src', 'main.c'), 1);
    age(join(tree, 'src'), 30);
    age(tree, 30);
    expect(await warnOfOldFiles(home)).toEqual([]);
    age(join(tree, 'src', 'main.c'), 8);
    expect(await warnOfOldFiles(home)).toEqual(['told the admin of 1 old file']);
  });

  it('are named without control characters, and links are not followed', async () => {
    const home = await make();
    const young = join(home.paths.root, 'young');
    mkdirSync(young);
    symlinkSync(young, join(home.paths.build, 'link'));
    putOld(join(home.paths.build, 'evil\nSubject: x\u001b[2J'), 8);
    home.setTime(new Date(now.getTime() + 1000));
    await warnOfOldFiles(home);
    expect(home.notices[0]?.text).toContain('build/evil Subject: x [2J\n');
    expect(home.notices[0]?.text).not.toContain('link');
  });
});
