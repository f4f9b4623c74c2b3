// build/SBUILD-GIVEN-BACK: when packages were given back, so that they are not taken again at once.
// Lines are `NAME_VERSION EPOCH-SECONDS`; sbuild and admins may write here too.
import { readTextIfThere, writeFileAtomically } from '../platform/atomic-file.ts';
import { parseNameVersion } from '../debian/names.ts';
import type { HomeDatabase } from './database.ts';
import type { HomePaths } from './paths.ts';

export interface GivenBack {
  readonly package: string;
  readonly version: string;
  readonly at: Date;
}

const parse = (line: string): GivenBack | null => {
  const [nameVersion = '', seconds = ''] = line.trim().split(/\s+/);
  const parsed = parseNameVersion(nameVersion);
  if (parsed === null || !/^\d{1,11}$/.test(seconds)) return null;
  return { package: parsed.name, version: parsed.version, at: new Date(Number(seconds) * 1000) };
};

/** All that was given back; lines that are none are left out. */
export function readGivenBack(paths: HomePaths): GivenBack[] {
  return (readTextIfThere(paths.givenBack) ?? '')
    .split('\n')
    .map(parse)
    .filter((entry) => entry !== null);
}

/** Notes a give-back, replacing an older line of the same package and version. */
export function addGivenBack(db: HomeDatabase, paths: HomePaths, entry: GivenBack): void {
  db.exclusively(() => {
    const others = readGivenBack(paths).filter((e) => e.package !== entry.package || e.version !== entry.version);
    write(paths, [...others, entry]);
  });
}

/** Takes out the lines that are older than the delay (minutes). */
export function forgetOldGivenBack(db: HomeDatabase, paths: HomePaths, delayMinutes: number, now: Date): void {
  const isOld = (entry: GivenBack): boolean => now.getTime() - entry.at.getTime() >= delayMinutes * 60_000;
  if (!readGivenBack(paths).some(isOld)) return;
  db.exclusively(() =>
    write(
      paths,
      readGivenBack(paths).filter((entry) => !isOld(entry)),
    ),
  );
}

const write = (paths: HomePaths, entries: readonly GivenBack[]): void =>
  writeFileAtomically(
    paths.givenBack,
    entries.map((e) => `${e.package}_${e.version} ${Math.floor(e.at.getTime() / 1000)}\n`).join(''),
  );
