// One daemon a home: the pid file is a lock that names its process; a stale one is taken over.
import { DataError } from '../platform/errors.ts';
import { lockHolder, tryLock, type Lock } from '../platform/lock.ts';

/** Takes the pid file. @throws DataError naming the pid of the daemon that runs on this home. */
export function takePidFile(path: string): Lock {
  const taken = tryLock(path);
  if (taken.kind === 'held') {
    throw new DataError(`a daemon already runs on this home, pid ${taken.by.pid} (${path}); stop it first`);
  }
  return taken.lock;
}

/** The pid of the daemon that runs; null when none does. */
export function daemonPid(path: string): number | null {
  return lockHolder(path)?.pid ?? null;
}
