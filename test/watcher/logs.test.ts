import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { beginBuild, noteLogFile } from '../../src/home/builds.ts';
import { archiveLogs } from '../../src/watcher/logs.ts';
import { namesIn } from '../support/upload-home.ts';
import { age, now, putOld, watcherHome, type WatcherHome } from './watcher-home.ts';

const homes: WatcherHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

const make = async (conf = ''): Promise<WatcherHome> => {
  const home = await watcherHome(conf);
  homes.push(home);
  return home;
};

// Read by the system's tar: what is in an archive must not depend on our own reader.
const inArchive = (home: WatcherHome, archive: string): Record<string, string> => {
  const path = join(home.paths.oldLogs, archive);
  const names = execFileSync('tar', ['-tzf', path], { encoding: 'utf8' }).trim().split('\n');
  return Object.fromEntries(
    names.map((name) => [name.replace(/^\.\//, ''), execFileSync('tar', ['-xzOf', path, name], { encoding: 'utf8' })]),
  );
};

const log = (name: string): string => `${name}_amd64-2026-11-01T10:00:00Z`;

describe('archiving package logs', () => {
  it('moves what is older than pkg_log_keep into one archive named by its days, with an index', async () => {
    const home = await make();
    putOld(join(home.paths.logs, log('greet_1.0')), 10, 'log of greet\n');
    putOld(join(home.paths.logs, log('other_2.0')), 8, 'log of other\n');
    putOld(join(home.paths.logs, log('young_3.0')), 6, 'log of young\n');
    expect(await archiveLogs(home)).toEqual(['archived 2 logs into old-logs/plog-20261110-20261112.tar.gz']);
    expect(namesIn(home.paths.logs)).toEqual([log('young_3.0')]);
    expect(namesIn(home.paths.oldLogs)).toEqual(['plog-20261110-20261112.index', 'plog-20261110-20261112.tar.gz']);
    expect(inArchive(home, 'plog-20261110-20261112.tar.gz')).toEqual({
      [log('greet_1.0')]: 'log of greet\n',
      [log('other_2.0')]: 'log of other\n',
    });
    const index = readFileSync(join(home.paths.oldLogs, 'plog-20261110-20261112.index'), 'utf8');
    expect(index.split('\n').filter((line) => line.includes('greet_1.0'))).toEqual([
      expect.stringMatching(/^[0-9a-f]{64} 13 greet_1\.0_amd64-/),
    ]);
  });

  it('does nothing in a second run, and a second archive of the same days gets a number', async () => {
    const home = await make();
    putOld(join(home.paths.logs, log('greet_1.0')), 10);
    await archiveLogs(home);
    expect(await archiveLogs(home)).toEqual([]);
    putOld(join(home.paths.logs, log('later_1.0')), 10, 'another\n');
    expect(await archiveLogs(home)).toEqual(['archived 1 log into old-logs/plog-20261110-20261110-2.tar.gz']);
  });

  it('only removes the logs that a killed run had archived but not removed', async () => {
    const home = await make();
    const path = join(home.paths.logs, log('greet_1.0'));
    putOld(path, 10, 'log of greet\n');
    copyFileSync(path, join(home.paths.root, 'kept'));
    await archiveLogs(home);
    renameSync(join(home.paths.root, 'kept'), path);
    age(path, 10);
    expect(await archiveLogs(home)).toEqual(['removed 1 log that an archive holds already']);
    expect(namesIn(home.paths.logs)).toEqual([]);
    expect(namesIn(home.paths.oldLogs)).toHaveLength(2);
  });

  it('archives a log again whose content is not what an archive holds under its name', async () => {
    const home = await make();
    const path = join(home.paths.logs, log('greet_1.0'));
    putOld(path, 10, 'log of greet\n');
    await archiveLogs(home);
    putOld(path, 10, 'LOG OF GREET\n');
    await archiveLogs(home);
    expect(inArchive(home, 'plog-20261110-20261110-2.tar.gz')).toEqual({ [log('greet_1.0')]: 'LOG OF GREET\n' });
  });

  it('clears away the unfinished archive of a killed run', async () => {
    const home = await make();
    putOld(join(home.paths.logs, log('greet_1.0')), 10);
    writeFileSync(join(home.paths.oldLogs, '.plog-20261101-20261102.tar.gz.tmp'), 'half');
    await archiveLogs(home);
    expect(namesIn(home.paths.oldLogs)).toEqual(['plog-20261110-20261110.index', 'plog-20261110-20261110.tar.gz']);
  });

  it('leaves links, directories and the log of a build that runs', async () => {
    const home = await make('pkg_log_keep = 0\n');
    const running = join(home.paths.logs, log('greet_1.0'));
    putOld(running, 1);
    mkdirSync(join(home.paths.logs, 'directory'));
    symlinkSync('/etc/hostname', join(home.paths.logs, 'current'));
    const number = beginBuild(
      home.db,
      {
        package: 'greet',
        version: '1.0',
        distribution: 'sid',
        architecture: 'amd64',
        builderUser: 'builder',
        claim: 1,
        binNmu: null,
        take: { mailLogs: null, suppressSuccessfulLogs: false },
      },
      now,
    );
    noteLogFile(home.db, number, running);
    expect(await archiveLogs(home)).toEqual([]);
    expect(namesIn(home.paths.logs)).toEqual(['current', 'directory', log('greet_1.0')]);
  });

  it('takes names that look like options or tar lists as names', async () => {
    const home = await make();
    putOld(join(home.paths.logs, '@odd'), 10, 'a\n');
    putOld(join(home.paths.logs, '--checkpoint'), 10, 'b\n');
    await archiveLogs(home);
    expect(namesIn(home.paths.logs)).toEqual([]);
    expect(inArchive(home, 'plog-20261110-20261110.tar.gz')).toEqual({ '@odd': 'a\n', '--checkpoint': 'b\n' });
  });

  it('keeps every log when the archive cannot be written', async () => {
    const home = await make();
    putOld(join(home.paths.logs, log('greet_1.0')), 10);
    const blocked = { ...home, paths: { ...home.paths, oldLogs: join(home.paths.root, 'buildd.conf') } };
    await expect(archiveLogs(blocked)).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(namesIn(home.paths.logs)).toEqual([log('greet_1.0')]);
  });
});

describe('archiving the other logs', () => {
  it('moves build/build*.log into blog- and old-logs/daemon-*.log.gz into dlog-', async () => {
    const home = await make();
    putOld(join(home.paths.build, 'build-20261115.log'), 3);
    putOld(join(home.paths.build, 'build-20261119.log'), 1);
    putOld(join(home.paths.build, 'notes.log'), 30);
    putOld(join(home.paths.oldLogs, 'daemon-20261101.log.gz'), 19);
    expect(await archiveLogs(home)).toEqual([
      'archived 1 log into old-logs/blog-20261117-20261117.tar.gz',
      'archived 1 log into old-logs/dlog-20261101-20261101.tar.gz',
    ]);
    expect(namesIn(home.paths.build)).toEqual(['build-20261119.log', 'notes.log']);
  });
});
