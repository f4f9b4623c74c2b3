// What processes that were killed left in the home: half-received mails and files of locks that nobody holds. Must
// never remove what somebody still writes.
import { join } from 'node:path';
import { sweepUnfinished } from '../mail/incoming/spool/spool.ts';
import { sweepLockLeftovers } from '../platform/lock.ts';
import type { WatcherWorld } from './world.ts';

/** Removes what is left for more than an hour. */
export function removeLeftovers({ paths, clock }: WatcherWorld): Promise<string[]> {
  const now = clock.now();
  sweepUnfinished(paths, now);
  const root = ['watcher.lock', 'upload.lock'].map((name) => join(paths.root, name));
  const removed = [...root, paths.outboxLock, paths.pid, join(paths.mqueue, '.lock')]
    .map((path) => sweepLockLeftovers(path, now))
    .reduce((sum, count) => sum + count, 0);
  return Promise.resolve(removed > 0 ? [`removed ${removed} left lock file${removed === 1 ? '' : 's'}`] : []);
}
