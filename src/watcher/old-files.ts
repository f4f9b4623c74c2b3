// Warns of forgotten files in build/ and the upload queues before they fill the disk. Only looks and tells; never
// removes anything. Each file is told once per warning_age.
import { lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { matches } from '../config/regular-expression.ts';
import { readTextIfThere, writeFileAtomically } from '../platform/atomic-file.ts';
import { systemCodeOf } from '../platform/errors.ts';
import { harmless } from '../platform/logger.ts';
import { mailAdmin } from './notice.ts';
import { secondsPerDay, type WatcherWorld } from './world.ts';

interface OldFile {
  /** `build/NAME`, `upload/NAME`, without control characters. */
  readonly name: string;
  /** When it, or for a directory anything in it, changed last. */
  readonly changed: Date;
}

/** A build tree is hostile: after this many entries a directory counts as it was seen so far. */
const mostEntries = 200_000;

/** Mails a list of the files that became old since the last warning. */
export async function warnOfOldFiles(world: WatcherWorld): Promise<string[]> {
  const { warning_age } = world.conf();
  const now = world.clock.now();
  const cutoff = now.getTime() - warning_age * secondsPerDay * 1000;
  const reported = readReported(world.paths.reportedOldFiles);
  const old = findOldFiles(world, cutoff);
  const due = old.filter((file) => (reported.get(file.name) ?? -Infinity) <= cutoff);
  const kept = new Map(old.map((file) => [file.name, reported.get(file.name) ?? now.getTime()]));
  if (due.length > 0) {
    await mailAdmin(world, 'buildd-watcher found some old files', textOf(due, warning_age));
    for (const file of due) kept.set(file.name, now.getTime());
  }
  const content = [...kept].map(([name, at]) => `${Math.floor(at / 1000)} ${name}\n`).join('');
  if (content !== (readTextIfThere(world.paths.reportedOldFiles) ?? ''))
    writeFileAtomically(world.paths.reportedOldFiles, content);
  return due.length > 0 ? [`told the admin of ${due.length} old file${due.length === 1 ? '' : 's'}`] : [];
}

const textOf = (due: readonly OldFile[], warningAge: number): string => {
  const lines = due.map((file) => `  ${file.changed.toISOString().slice(0, 10)}  ${file.name}\n`);
  return `Nothing changed in these for more than ${warningAge} day${warningAge === 1 ? '' : 's'} (the date is that of the last change):\n\n${lines.join('')}`;
};

const readReported = (path: string): Map<string, number> =>
  new Map(
    (readTextIfThere(path) ?? '').split('\n').flatMap((line): [string, number][] => {
      const match = /^(\d{1,12}) (.+)$/.exec(line);
      return match ? [[match[2] ?? '', Number(match[1]) * 1000]] : [];
    }),
  );

const findOldFiles = (world: WatcherWorld, cutoff: number): OldFile[] => {
  const { no_warn_pattern } = world.conf();
  const { root, build, redo, skip, purge, givenBack, redoDumped, wake, pid } = world.paths;
  // The admin's and the daemon's own files lie in build/ for good.
  const own = new Set(
    [redo, skip, purge, givenBack, redoDumped, wake, pid].map((path) => join('build', basename(path))),
  );
  const queues = names(root).filter((name) => /^upload(?:-.+)?$/.test(name));
  return [basename(build), ...queues]
    .flatMap((directory) => names(join(root, directory)).map((name) => join(directory, name)))
    .filter((name) => !own.has(name) && !(no_warn_pattern !== undefined && matches(no_warn_pattern, name)))
    .flatMap((name) => {
      const changed = lastChange(join(root, name), cutoff);
      return changed !== null && changed <= cutoff ? [{ name: harmless(name), changed: new Date(changed) }] : [];
    });
};

const names = (directory: string): string[] => {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR' || systemCodeOf(error) === 'EACCES')
      return [];
    throw error;
  }
};

// The newest time of a file or of anything below a directory, in ms; looks no further than one that is after the
// cutoff. Null when it is gone.
const lastChange = (path: string, cutoff: number): number | null => {
  const open = [path];
  let newest: number | null = null;
  for (let seen = 0; open.length > 0 && seen < mostEntries; seen += 1) {
    const next = open.pop() ?? path;
    const found = lstatSync(next, { throwIfNoEntry: false });
    if (found === undefined) continue;
    newest = Math.max(newest ?? 0, found.mtimeMs);
    if (newest > cutoff) return newest;
    if (found.isDirectory()) open.push(...names(next).map((name) => join(next, name)));
  }
  return newest;
};
