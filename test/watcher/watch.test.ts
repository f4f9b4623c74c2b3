import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { formatIdentity, isAlive, ownIdentity, parseIdentity } from '../../src/platform/process-identity.ts';
import { runWatcher } from '../../src/watcher/watch.ts';
import type { WatcherWorld } from '../../src/watcher/world.ts';
import { putOld, watcherHome, type WatcherHome } from './watcher-home.ts';

const homes: WatcherHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) {
    stopDaemon(home);
    await home.close();
  }
});

const make = async (rest: Partial<WatcherWorld> = {}): Promise<WatcherHome> => {
  const home = await watcherHome('', rest);
  homes.push(home);
  return home;
};

// Only the process that this home's pid file names exactly.
const stopDaemon = (home: WatcherHome): void => {
  const identity = existsSync(home.paths.pid) ? parseIdentity(readFileSync(home.paths.pid, 'utf8')) : null;
  if (identity !== null && identity.pid !== process.pid && isAlive(identity)) process.kill(identity.pid);
};

/** A stand-in for the daemon: writes its pid file as the daemon does, then sleeps. */
const withDaemon = async (script?: string): Promise<WatcherHome> => {
  const home = await make();
  const program = join(home.paths.root, 'daemon');
  writeFileSync(
    program,
    script ??
      `#!/bin/sh
echo started >> "${home.paths.root}/starts"
read -r boot < /proc/sys/kernel/random/boot_id
echo "$$ $(cut -d' ' -f22 /proc/$$/stat) $boot" > "${home.paths.pid}.new"
mv "${home.paths.pid}.new" "${home.paths.pid}"
exec sleep 60
`,
  );
  chmodSync(program, 0o755);
  const started = { ...home, daemonCommand: [program] };
  return started;
};

describe('a daemon that does not run', () => {
  it('is started, and left alone in the next run', async () => {
    const home = await withDaemon();
    const summary = await runWatcher(home);
    expect(summary).toMatchObject({
      kind: 'ran',
      failed: [],
      done: [expect.stringMatching(/^the daemon did not run; started it \(pid \d+\)$/)],
    });
    expect(await runWatcher(home)).toEqual({ kind: 'ran', failed: [], done: [] });
    expect(readFileSync(join(home.paths.root, 'starts'), 'utf8')).toBe('started\n');
  });

  it('is started when its pid file names a stranger: another start time, another boot, or rubbish', async () => {
    const own = ownIdentity();
    for (const stranger of [
      formatIdentity({ ...own, startTicks: '1' }),
      formatIdentity({ ...own, bootId: 'before' }),
      String(process.pid),
      'rubbish',
    ]) {
      const home = await withDaemon();
      writeFileSync(home.paths.pid, `${stranger}\n`);
      expect(await runWatcher(home)).toMatchObject({ done: [expect.stringContaining('started it')] });
    }
  });

  it('is not started while NO-DAEMON-PLEASE exists', async () => {
    const home = await withDaemon();
    writeFileSync(home.paths.noDaemonPlease, '');
    expect(await runWatcher(home)).toEqual({ kind: 'ran', failed: [], done: [] });
    expect(existsSync(join(home.paths.root, 'starts'))).toBe(false);
  });

  it('that ends at once is said in one line, and the other tasks are done', async () => {
    const home = await withDaemon('#!/bin/sh\nexit 78\n');
    putOld(join(home.paths.logs, 'greet_1.0_amd64-2026-11-01T10:00:00Z'), 10);
    const summary = await runWatcher(home);
    expect(summary).toEqual({
      kind: 'ran',
      failed: [
        'daemon: the daemon does not run and cannot be started: it ended with exit code 78; see daemon.log, try buildd check-config',
      ],
      done: ['archived 1 log into old-logs/plog-20261110-20261110.tar.gz'],
    });
  });

  it('that is not installed is said in one line', async () => {
    const home = { ...(await make()), daemonCommand: ['/nonexistent/buildd'] };
    expect(await runWatcher(home)).toMatchObject({
      failed: [expect.stringContaining('cannot be started: spawn /nonexistent/buildd ENOENT')],
    });
  });
});

describe('one run', () => {
  it('says nothing where nothing is to be done', async () => {
    expect(await runWatcher(await make())).toEqual({ kind: 'ran', failed: [], done: [] });
  });

  it('says how much mail it processed', async () => {
    const home = await make({ runQueue: () => Promise.resolve(3) });
    expect(await runWatcher(home)).toMatchObject({ done: ['processed 3 mails that lay in mqueue'] });
  });

  it('does the other tasks when one throws, and writes both into the log', async () => {
    const home = await make({ runQueue: () => Promise.reject(new Error('no processor')) });
    mkdirSync(join(home.paths.build, 'greet-1.0'));
    writeFileSync(home.paths.purge, 'greet-1.0\n');
    expect(await runWatcher(home)).toEqual({
      kind: 'ran',
      failed: ['mail queue: no processor'],
      done: ['removed build/greet-1.0'],
    });
    expect(home.logged).toEqual(['removed build/greet-1.0', 'mail queue: no processor']);
  });

  it('removes what killed processes left, and says how many locks that were', async () => {
    const home = await make();
    putOld(join(home.paths.mqueue, '.1.2.unfinished'), 1);
    putOld(join(home.paths.mqueue, '.lock.17.0123abcd'), 1, '');
    putOld(join(home.paths.build, 'buildd.pid.17.0123abcd'), 1, '');
    expect(await runWatcher(home)).toEqual({ kind: 'ran', failed: [], done: ['removed 2 left lock files'] });
    expect(readdirSync(home.paths.mqueue)).toEqual(['failed']);
    expect(readdirSync(home.paths.build)).toEqual([]);
  });

  it('leaves the home to another watcher that is at work', async () => {
    const home = await make({ runQueue: async () => delay(200, 0) });
    const [first, second] = await Promise.all([runWatcher(home), runWatcher(home)]);
    expect(first.kind).toBe('ran');
    expect(second).toEqual({ kind: 'busy', pid: process.pid });
  });
});
