// The files of a source package: which ones a .dsc names, and whether they are those. Must run before anything
// else reads them: a source comes from outside.
import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DataError, messageOf, systemCodeOf } from '../platform/errors.ts';
import { parseStanza } from '../debian/deb822.ts';
import { isFileName, isPackageName } from '../debian/names.ts';
import { clearText } from './clear-text.ts';
import { isVersion } from '../debian/version.ts';

interface SourceControl {
  readonly source: string;
  readonly version: string;
  /** Names of the binary packages; null where the .dsc has none. */
  readonly binaries: readonly string[] | null;
  /** The Build-Depends of any kind are read by dpkg-checkbuilddeps, not here. */
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

const largestDsc = 1024 * 1024;

/**
 * Reads a .dsc (policy §5.4), signed or not.
 * @throws DataError with one line that begins with what, for anything missing or with a name that is not one.
 */
export function parseDsc(text: string, what: string): SourceControl {
  const stanza = parseStanza(clearText(text, what), what);
  const source = stanza.get('source') ?? '';
  const version = stanza.get('version') ?? '';
  if (!isPackageName(source)) throw new DataError(`${what}: Source is not a package name`);
  if (!isVersion(version)) throw new DataError(`${what}: Version is not a version`);
  const files = (stanza.get('checksums-sha256') ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, sha256 = '', size = '', name = ''] = /^([0-9a-f]{64})\s+(\d{1,15})\s+(\S+)$/.exec(line) ?? [];
      if (sha256 === '')
        throw new DataError(`${what}: Checksums-Sha256 has a line that is not checksum, size and name`);
      if (!isFileName(name)) throw new DataError(`${what}: "${name.slice(0, 80)}" is not a file name`);
      return { name, size: Number(size), sha256 };
    });
  if (files.length === 0) throw new DataError(`${what}: names no files with Checksums-Sha256`);
  const binaries = (stanza.get('binary') ?? '').split(/[\s,]+/).filter((name) => name !== '');
  if (!binaries.every(isPackageName)) throw new DataError(`${what}: Binary is not a list of package names`);
  return { source, version, binaries: binaries.length === 0 ? null : binaries, files };
}

/** SHA-256 of a file, in lower-case hex; the file is streamed. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Checks a .dsc and the files beside it: names, sizes, checksums, and that it is the source that is wanted.
 * @throws DataError with one line naming the file, also where a file is missing.
 */
export async function checkSource(
  dsc: string,
  wanted: { readonly package: string; readonly version: string },
): Promise<SourceControl> {
  const control = readDsc(dsc);
  if (control.source !== wanted.package || control.version !== wanted.version) {
    throw new DataError(
      `${basename(dsc)}: is ${control.source} ${control.version}, not ${wanted.package} ${wanted.version}`,
    );
  }
  for (const file of control.files) {
    const path = join(dirname(dsc), file.name);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined) throw new DataError(`${file.name}: is missing beside ${basename(dsc)}`);
    if (!status.isFile()) throw new DataError(`${file.name}: is not a regular file`);
    if (status.size !== file.size)
      throw new DataError(`${file.name}: has ${status.size} bytes, ${basename(dsc)} says ${file.size}`);
    if ((await sha256Of(path)) !== file.sha256)
      throw new DataError(`${file.name}: its SHA-256 is not the one in ${basename(dsc)}`);
  }
  return control;
}

const readDsc = (path: string): SourceControl => {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new DataError(`${path}: there is no such source`);
  if (!status.isFile() || status.size > largestDsc) throw new DataError(`${path}: is not a .dsc`);
  return parseDsc(readFileSync(path, 'utf8'), basename(path));
};

/**
 * The binary packages that a .dsc declares. To be asked before anything of the package runs, which might change it.
 * @returns null where there is no .dsc, or it cannot be read: whoever builds it says so.
 */
export function declaredBinaries(dsc: string | null): readonly string[] | null {
  if (dsc === null) return null;
  try {
    return readDsc(dsc).binaries;
  } catch {
    return null;
  }
}

/**
 * Copies a .dsc, under the name `as`, and what it names into a directory; the copy is what is to be checked.
 * @throws DataError where a file is missing or cannot be read.
 */
export function copySource(dsc: string, directory: string, as: string): void {
  const named = readDsc(dsc).files.map((file) => [file.name, file.name] as const);
  for (const [name, copy] of [[basename(dsc), as] as const, ...named]) {
    try {
      copyFileSync(join(dirname(dsc), name), join(directory, copy));
    } catch (error) {
      throw new DataError(
        systemCodeOf(error) === 'ENOENT'
          ? `${name}: is missing beside ${basename(dsc)}`
          : `${name}: ${messageOf(error)}`,
      );
    }
  }
}
