// build/SKIP: packages that must not be built though they are taken or in REDO (a new version came meanwhile).
import { readTextIfThere, writeFileAtomically } from '../platform/atomic-file.ts';
import type { HomeDatabase } from './database.ts';
import type { HomePaths } from './paths.ts';

interface Key {
  readonly package: string;
  readonly version: string;
  readonly distribution: string;
}

const lineOf = (key: Key): string => `${key.package}_${key.version} ${key.distribution}`;
const linesOf = (paths: HomePaths): string[] =>
  (readTextIfThere(paths.skip) ?? '')
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '');
const write = (paths: HomePaths, lines: readonly string[]): void =>
  writeFileAtomically(paths.skip, lines.map((line) => `${line}\n`).join(''));

/** Adds a package, once. */
export function addToSkip(db: HomeDatabase, paths: HomePaths, key: Key): void {
  db.exclusively(() => {
    const lines = linesOf(paths);
    if (!lines.includes(lineOf(key))) write(paths, [...lines, lineOf(key)]);
  });
}

/** Whether the package is to be skipped; nothing changes. */
export function isInSkip(paths: HomePaths, key: Key): boolean {
  return linesOf(paths).includes(lineOf(key));
}

/** Whether the package is to be skipped; takes it out of the file, so that it is skipped once. */
export function takeFromSkip(db: HomeDatabase, paths: HomePaths, key: Key): boolean {
  if (!isInSkip(paths, key)) return false;
  return db.exclusively(() => {
    const lines = linesOf(paths);
    const kept = lines.filter((line) => line !== lineOf(key));
    if (kept.length === lines.length) return false;
    write(paths, kept);
    return true;
  });
}
