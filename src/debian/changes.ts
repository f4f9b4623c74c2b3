// The .changes file (policy §5.5): what was built, for which distributions, of which files with which checksums.
import { DataError } from '../platform/errors.ts';
import { parseStanza } from './deb822.ts';
import { isArchitectureName, isDistributionName, isFileName, isPackageName } from './names.ts';
import { isVersion } from './version.ts';

export interface ChangesFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

export interface Changes {
  readonly source: string;
  /** The source's version: that in parentheses in Source where it differs (binNMU), else Version. */
  readonly sourceVersion: string;
  readonly version: string;
  /** The words of the Architecture field. */
  readonly architectures: readonly string[];
  /** The words of the Distribution field. */
  readonly distributions: readonly string[];
  readonly files: readonly ChangesFile[];
}

/**
 * Reads the text of an unsigned .changes (take the OpenPGP armor off before).
 * @throws DataError with one line, naming what, for anything missing, twice, or with a name that is not one.
 */
export function parseChanges(text: string, what = '.changes'): Changes {
  const stanza = parseStanza(text, what);
  const field = (name: string): string => {
    const value = stanza.get(name.toLowerCase());
    if (value === undefined || value.trim() === '') throw new DataError(`${what}: has no ${name} field`);
    return value.trim();
  };
  const version = field('Version');
  const source = /^(\S+)(?:\s+\((\S+)\))?$/.exec(field('Source'));
  const name = source?.[1] ?? '';
  const sourceVersion = source?.[2] ?? version;
  if (!isPackageName(name)) throw new DataError(`${what}: Source is not a package name`);
  if (!isVersion(version) || !isVersion(sourceVersion)) throw new DataError(`${what}: Version is not a version`);
  const architectures = field('Architecture').split(/\s+/);
  if (!architectures.every(isArchitectureName))
    throw new DataError(`${what}: Architecture is not a list of architectures`);
  const distributions = field('Distribution').split(/\s+/);
  if (!distributions.every(isDistributionName))
    throw new DataError(`${what}: Distribution is not a list of distributions`);
  return {
    source: name,
    sourceVersion,
    version,
    architectures,
    distributions,
    files: filesOf(stanza.get('checksums-sha256'), field('Files'), what),
  };
}

const filesOf = (checksums: string | undefined, files: string, what: string): ChangesFile[] => {
  if (checksums === undefined) throw new DataError(`${what}: has no Checksums-Sha256 field`);
  const listed = checksums
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [sha256 = '', size = '', name = '', ...rest] = line.split(/\s+/);
      if (rest.length > 0 || !/^[0-9a-f]{64}$/.test(sha256) || !/^\d{1,15}$/.test(size)) {
        throw new DataError(`${what}: Checksums-Sha256 has a line that is not checksum, size and name`);
      }
      if (!isFileName(name))
        throw new DataError(
          `${what}: "${name.slice(0, 80)}" is not a file name; only a plain name without directories is taken`,
        );
      return { name, size: Number(size), sha256 };
    });
  const names = listed.map((file) => file.name);
  if (new Set(names).size !== names.length) throw new DataError(`${what}: a file is named twice`);
  const inFiles = files
    .split('\n')
    .map((line) => line.trim().split(/\s+/).at(-1) ?? '')
    .filter((name) => name !== '');
  if (inFiles.length !== names.length || !inFiles.every((name) => names.includes(name))) {
    throw new DataError(`${what}: Files and Checksums-Sha256 name different files`);
  }
  return listed;
};
