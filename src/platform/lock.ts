// A lock between processes that dies with its holder: a file made with O_EXCL that names who holds it.
// A lock whose holder is gone (killed, rebooted) is taken over.
import { linkSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { systemCodeOf } from './errors.ts';
import { formatIdentity, isAlive, ownIdentity, parseIdentity, type ProcessIdentity } from './process-identity.ts';

export interface Lock {
  release(): void;
}

/** Who holds the lock file now; null when nobody who is alive does. */
export function lockHolder(path: string): ProcessIdentity | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const identity = parseIdentity(text);
  return identity !== null && isAlive(identity) ? identity : null;
}

/**
 * Takes the lock, or says who holds it. The content appears together with the name (link(2) of a finished file),
 * so nobody ever reads a half-written one; a dead holder's file is moved away first, by exactly one of the takers.
 */
export function tryLock(path: string): { kind: 'locked'; lock: Lock } | { kind: 'held'; by: ProcessIdentity } {
  const own = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(own, `${formatIdentity(ownIdentity())}\n`, { mode: 0o644, flag: 'wx' });
  try {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      try {
        linkSync(own, path);
        return { kind: 'locked', lock: { release: () => rmSync(path, { force: true }) } };
      } catch (error) {
        if (systemCodeOf(error) !== 'EEXIST') throw error;
      }
      const holder = lockHolder(path);
      if (holder !== null) return { kind: 'held', by: holder };
      moveStaleAway(path, `${own}.stale`);
    }
    throw new Error(`cannot take the lock ${path}: it changes hands all the time`);
  } finally {
    unlinkSync(own);
  }
}

const moveStaleAway = (path: string, to: string): void => {
  try {
    renameSync(path, to);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  const holder = lockHolder(to);
  if (holder === null) {
    rmSync(to, { force: true });
    return;
  }
  // Between our look and our rename somebody alive took it over: give it back to them.
  try {
    linkSync(to, path);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  }
  rmSync(to, { force: true });
};

// Nobody needs longer from the making of such a file to its removal.
const leftAfterMs = 3600 * 1000;

/** Removes what takers that were killed left beside a lock more than an hour ago; says how many files that were. */
export function sweepLockLeftovers(path: string, now: Date): number {
  const prefix = `${basename(path)}.`;
  const left = namesIn(dirname(path)).filter((name) => {
    if (!name.startsWith(prefix) || !/^\d+\.[0-9a-f]{8}(?:\.stale)?$/.test(name.slice(prefix.length))) return false;
    const file = join(dirname(path), name);
    const found = lstatSync(file, { throwIfNoEntry: false });
    return found?.isFile() === true && now.getTime() - found.mtimeMs > leftAfterMs && lockHolder(file) === null;
  });
  for (const name of left) rmSync(join(dirname(path), name), { force: true });
  return left.length;
}

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
};
