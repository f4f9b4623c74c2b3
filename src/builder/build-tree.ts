// The directory of one build alone, for its work or its results: made new for it, measured, and removed whatever a
// build did to it. Must never follow a link that a build left.
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TemporaryError } from '../platform/errors.ts';
import { run } from '../platform/run.ts';
import { withoutEpoch } from '../debian/version.ts';
import type { BuildLog } from './build-log.ts';
import type { BuildJob } from './job.ts';
import { builtVersion } from './log-format.ts';

/** The name of a build's directory in build/: `NAME_VERSION-BUILD`. */
export function treeName(job: Pick<BuildJob, 'package' | 'version' | 'binNmu' | 'build'>): string {
  return `${job.package}_${withoutEpoch(builtVersion(job))}-${job.build}`;
}

/**
 * Makes `build/NAME_VERSION-BUILD`; one that an interrupted build left there is removed first.
 * @throws TemporaryError where that cannot be removed.
 */
export function createTree(job: BuildJob): string {
  const path = join(job.buildDirectory, treeName(job));
  if (existsSync(path) && !removeTree(path))
    throw new TemporaryError(`${path}: is left from an earlier build and cannot be removed; name it in PURGE`);
  mkdirSync(path, { recursive: true, mode: 0o750 });
  return path;
}

/** KiB that the tree takes on disk; null where it cannot be said. */
export async function diskUsed(path: string): Promise<number | null> {
  const counted = await run('du', ['-sk', '--', path], { timeoutSeconds: 600 });
  const match = /^(\d{1,15})\s/.exec(counted.stdout.toString('latin1'));
  return match ? Number(match[1]) : null;
}

/** Removes the tree; the log says what the admin has to do where something of it stays. */
export function discardTree(path: string, log: BuildLog): void {
  if (!removeTree(path)) log.write(`W: mailbuildd: could not remove all of ${path}; name it in PURGE\n`);
}

/** Removes the tree, also read-only directories in it. Returns false where something of it stays. */
function removeTree(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    try {
      makeRemovable(path);
      rmSync(path, { recursive: true, force: true });
    } catch {
      return false;
    }
  }
  return !existsSync(path);
}

const makeRemovable = (directory: string): void => {
  chmodSync(directory, 0o700);
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    // lstat: a link is removed as a link, what it points to is not ours.
    if (lstatSync(path).isDirectory()) makeRemovable(path);
  }
};
