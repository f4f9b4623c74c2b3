// One run of the watcher: every task in turn, each alone. What one throws is said and never stops the next.
import { join } from 'node:path';
import { messageOf } from '../platform/errors.ts';
import { tryLock } from '../platform/lock.ts';
import { keepDaemonAlive } from './daemon-alive.ts';
import { rotateDaemonLog } from './daemon-log.ts';
import { removeLeftovers } from './leftovers.ts';
import { archiveLogs } from './logs.ts';
import { processMailQueue } from './mail-queue.ts';
import { warnOfOldFiles } from './old-files.ts';
import { purgeDirectories } from './purge.ts';
import type { WatcherTask, WatcherWorld } from './world.ts';

type WatchSummary =
  /** Another watcher works on this home. */
  | { readonly kind: 'busy'; readonly pid: number }
  | {
      readonly kind: 'ran';
      /** What was done, a line each. */
      readonly done: readonly string[];
      /** `TASK: why`, a line for each task that failed. */
      readonly failed: readonly string[];
    };

/** In the order in which they run: the daemon first, mail before what may take long. */
const tasks: readonly (readonly [name: string, task: WatcherTask])[] = [
  ['daemon', keepDaemonAlive],
  ['mail queue', processMailQueue],
  ['leftovers', removeLeftovers],
  ['daemon log', rotateDaemonLog],
  ['purge', purgeDirectories],
  ['log archives', archiveLogs],
  ['old files', warnOfOldFiles],
];

/** Runs every task once. One watcher at a time for a home. */
export async function runWatcher(world: WatcherWorld): Promise<WatchSummary> {
  const taken = tryLock(join(world.paths.root, 'watcher.lock'));
  if (taken.kind === 'held') return { kind: 'busy', pid: taken.by.pid };
  try {
    const done: string[] = [];
    const failed: string[] = [];
    for (const [name, task] of tasks) {
      try {
        done.push(...(await task(world)));
      } catch (error) {
        failed.push(`${name}: ${messageOf(error)}`);
      }
    }
    for (const line of [...done, ...failed]) world.log.log(line);
    return { kind: 'ran', done, failed };
  } finally {
    taken.lock.release();
  }
}
