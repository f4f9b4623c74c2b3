// build/REDO: what is built before anything new is taken. Admins edit this file by hand, so a line that is none is
// dropped and said so, never fatal. Programs change it only inside `exclusively`.
import { readTextIfThere, writeFileAtomically } from '../platform/atomic-file.ts';
import { isDistributionName, parseNameVersion } from '../debian/names.ts';
import type { HomeDatabase } from './database.ts';
import type { HomePaths } from './paths.ts';

export interface RedoEntry {
  readonly package: string;
  readonly version: string;
  readonly distribution: string;
  readonly binNmu: { readonly number: number; readonly changelog: string } | null;
}

/** Reads one line, `NAME_VERSION DIST [BINNMU CHANGELOG]`; null if it is none. */
export function parseRedoLine(line: string): RedoEntry | null {
  if (line.length > 10_000) return null;
  const match = /^(\S+)\s+(\S+)(?:\s+(\S+)(?:\s+(\S.*))?)?\s*$/.exec(line.trim());
  if (!match) return null;
  const [, nameVersion = '', distribution = '', number, changelog] = match;
  const parsed = parseNameVersion(nameVersion);
  if (parsed === null || !isDistributionName(distribution)) return null;
  const entry = { package: parsed.name, version: parsed.version, distribution };
  if (number === undefined) return { ...entry, binNmu: null };
  if (!/^[1-9]\d{0,4}$/.test(number)) return null;
  return { ...entry, binNmu: { number: Number(number), changelog: changelog ?? 'Rebuild' } };
}

/** An entry as its line. */
export function formatRedoLine(entry: RedoEntry): string {
  const binNmu =
    entry.binNmu === null ? '' : ` ${entry.binNmu.number} ${entry.binNmu.changelog.replace(/\s+/g, ' ').trim()}`;
  return `${entry.package}_${entry.version} ${entry.distribution}${binNmu}`;
}

const linesOf = (path: string): string[] =>
  (readTextIfThere(path) ?? '').split('\n').filter((line) => line.trim() !== '');

/** The entries of the file in its order, and the lines that are none. */
export function readRedo(paths: HomePaths): { readonly entries: RedoEntry[]; readonly badLines: string[] } {
  const entries: RedoEntry[] = [];
  const badLines: string[] = [];
  for (const line of linesOf(paths.redo)) {
    if (line.trimStart().startsWith('#')) continue;
    const entry = parseRedoLine(line);
    if (entry === null) badLines.push(line);
    else entries.push(entry);
  }
  return { entries, badLines };
}

type Key = Pick<RedoEntry, 'package' | 'version' | 'distribution'>;
const isSame = (line: string, key: Key): boolean => {
  const entry = parseRedoLine(line);
  return (
    entry !== null &&
    entry.package === key.package &&
    entry.version === key.version &&
    entry.distribution === key.distribution
  );
};

const write = (path: string, lines: readonly string[]): void =>
  writeFileAtomically(path, lines.map((line) => `${line}\n`).join(''));

/** Appends an entry, unless it is there already; says whether it was new. */
export function addToRedo(db: HomeDatabase, paths: HomePaths, entry: RedoEntry): boolean {
  return db.exclusively(() => {
    const lines = linesOf(paths.redo);
    if (lines.some((line) => isSame(line, entry))) return false;
    write(paths.redo, [...lines, formatRedoLine(entry)]);
    return true;
  });
}

/** Removes an entry; says whether it was there. */
export function removeFromRedo(db: HomeDatabase, paths: HomePaths, key: Key): boolean {
  return db.exclusively(() => {
    const lines = linesOf(paths.redo);
    const kept = lines.filter((line) => !isSame(line, key));
    if (kept.length === lines.length) return false;
    write(paths.redo, kept);
    return true;
  });
}

/** Drops the lines that are none and returns them, for the log. */
export function dropBadRedoLines(db: HomeDatabase, paths: HomePaths): string[] {
  if (readRedo(paths).badLines.length === 0) return [];
  return db.exclusively(() => {
    const { badLines } = readRedo(paths);
    const bad = new Set(badLines);
    write(
      paths.redo,
      linesOf(paths.redo).filter((line) => !bad.has(line)),
    );
    return badLines;
  });
}
