// build/PURGE: directories of build/ that the watcher removes (they may hold files of root).
import { readTextIfThere, writeFileAtomically } from '../platform/atomic-file.ts';
import type { HomeDatabase } from './database.ts';
import type { HomePaths } from './paths.ts';

/** The lines of the file; hostile until the watcher has checked them. */
export function readPurge(paths: HomePaths): string[] {
  return (readTextIfThere(paths.purge) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Adds the name of a directory in build/, once. */
export function addToPurge(db: HomeDatabase, paths: HomePaths, name: string): void {
  db.exclusively(() => {
    const lines = readPurge(paths);
    if (!lines.includes(name)) write(paths, [...lines, name]);
  });
}

/** Takes lines out, after their directories are gone. */
export function removeFromPurge(db: HomeDatabase, paths: HomePaths, names: readonly string[]): void {
  db.exclusively(() => {
    const lines = readPurge(paths);
    const kept = lines.filter((line) => !names.includes(line));
    if (kept.length !== lines.length) write(paths, kept);
  });
}

const write = (paths: HomePaths, lines: readonly string[]): void =>
  writeFileAtomically(paths.purge, lines.map((line) => `${line}\n`).join(''));
