import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formatIdentity, identityOf } from '../../src/platform/process-identity.ts';
import { rotateDaemonLog } from '../../src/watcher/daemon-log.ts';
import { namesIn } from '../support/upload-home.ts';
import { age, watcherHome, type WatcherHome } from './watcher-home.ts';

const homes: WatcherHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

const make = async (conf = ''): Promise<WatcherHome & { readonly old: string }> => {
  const home = await watcherHome(conf);
  homes.push(home);
  return { ...home, old: `${home.paths.daemonLog}.old` };
};

const yesterday = '2026-11-19T09:00:00Z buildd[7]: started\n2026-11-19T10:00:00Z buildd[7]: took greet_1.0\n';

describe('rotating the daemon log', () => {
  it('renames a log that began daemon_log_rotate days ago, and mails it', async () => {
    const home = await make();
    writeFileSync(home.paths.daemonLog, yesterday);
    expect(await rotateDaemonLog(home)).toEqual(['rotated the daemon log', 'mailed the daemon log']);
    expect(readFileSync(home.old, 'utf8')).toBe(yesterday);
    expect(existsSync(home.paths.daemonLog)).toBe(false);
    expect(home.notices).toEqual([{ subject: 'Build Daemon Log', text: yesterday, refusal: null }]);
  });

  it('leaves a log that is younger, and does not mail again', async () => {
    const home = await make();
    writeFileSync(home.paths.daemonLog, yesterday);
    await rotateDaemonLog(home);
    writeFileSync(home.paths.daemonLog, '2026-11-20T09:59:00Z buildd[7]: started\n');
    expect(await rotateDaemonLog(home)).toEqual([]);
    expect(home.notices).toHaveLength(1);
  });

  it('does not mail it where daemon_log_send is false', async () => {
    const home = await make('daemon_log_send = false\n');
    writeFileSync(home.paths.daemonLog, yesterday);
    expect(await rotateDaemonLog(home)).toEqual(['rotated the daemon log']);
    expect(home.notices).toEqual([]);
  });

  it('compresses the log before it into old-logs/daemon-DATE.log.gz', async () => {
    const home = await make();
    writeFileSync(home.old, 'the log before\n');
    age(home.old, 2);
    writeFileSync(home.paths.daemonLog, yesterday);
    expect(await rotateDaemonLog(home)).toContain('compressed daemon-20261118.log.gz');
    expect(gunzipSync(readFileSync(join(home.paths.oldLogs, 'daemon-20261118.log.gz'))).toString()).toBe(
      'the log before\n',
    );
    expect(readFileSync(home.old, 'utf8')).toBe(yesterday);
  });

  it('recognises what a killed run had compressed already, and never writes over another log of that day', async () => {
    const home = await make();
    for (const text of ['one\n', 'two\n', 'two\n']) {
      writeFileSync(home.old, text);
      age(home.old, 2);
      writeFileSync(home.paths.daemonLog, yesterday);
      await rotateDaemonLog(home);
    }
    expect(namesIn(home.paths.oldLogs)).toEqual(['daemon-20261118-2.log.gz', 'daemon-20261118.log.gz']);
  });

  it('tells the running daemon to open the new log', async () => {
    const home = await make();
    const seen = join(home.paths.root, 'hup');
    const daemon = spawn(
      'sh',
      ['-c', `trap 'touch "$0"; exit 0' HUP; echo ready; while :; do sleep 0.05; done`, seen],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const ended = once(daemon, 'exit');
    await once(daemon.stdout, 'data');
    const identity = identityOf(daemon.pid ?? 0);
    if (identity === null) throw new Error('the stand-in for the daemon does not run');
    writeFileSync(home.paths.pid, `${formatIdentity(identity)}\n`);
    writeFileSync(home.paths.daemonLog, yesterday);
    await rotateDaemonLog(home);
    await ended;
    expect(existsSync(seen)).toBe(true);
  });

  it('has nothing to do without a log or with an empty one', async () => {
    const home = await make();
    expect(await rotateDaemonLog(home)).toEqual([]);
    writeFileSync(home.paths.daemonLog, '');
    expect(await rotateDaemonLog(home)).toEqual([]);
    rmSync(home.paths.daemonLog);
  });
});
