// The results of builds in build/, and their way into the queue directories. Names come from .changes files, so
// every one is checked, and no symbolic link is ever followed.
import { constants, copyFileSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, syncDirectory, syncFile, writeFileAtomically } from '../platform/atomic-file.ts';
import { DataError, messageOf, systemCodeOf } from '../platform/errors.ts';
import { parseChanges, type Changes } from '../debian/changes.ts';
import { isFileName } from '../debian/names.ts';
import { splitBinNmu, withoutEpoch } from '../debian/version.ts';
import type { FileFact } from './effect.ts';

/** Size and SHA-256 of a plain file, read in pieces; null when there is no plain file of that name. */
function fileFact(directory: string, name: string): FileFact | null {
  if (!isFileName(name)) return null;
  const path = join(directory, name);
  let size: number;
  try {
    const stat = lstatSync(path);
    if (!stat.isFile()) return null;
    size = stat.size;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
  return { name, size, sha256: sha256Of(path) };
}

const sha256Of = (path: string): string => {
  const hash = createHash('sha256');
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const piece = Buffer.alloc(1024 * 1024);
  try {
    for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) hash.update(piece.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
};

/** What is wrong with a file that a .changes names: missing, another size, another checksum. Null: nothing. */
export function problemOf(directory: string, expected: FileFact): string | null {
  const found = fileFact(directory, expected.name);
  if (found === null) return `${expected.name} is not there`;
  if (found.size !== expected.size)
    return `${expected.name} has ${found.size} bytes, not the ${expected.size} of the .changes`;
  return found.sha256 === expected.sha256 ? null : `${expected.name} has another SHA-256 than the .changes says`;
}

/** Name of the .changes of a build, `NAME_VERSION_ARCH.changes`, without the epoch (policy §5.6.12). */
export function changesName(source: string, version: string, architecture: string): string {
  return `${source}_${withoutEpoch(version)}_${architecture}.changes`;
}

/** Reads a .changes (signed or not) in a directory; null when there is none of that name. @throws DataError */
export function readChanges(directory: string, name: string): Changes | null {
  if (fileFact(directory, name) === null) return null;
  return parseChanges(withoutArmor(readFileSync(join(directory, name), 'utf8')), name);
}

// The text between the armor lines, dash escapes undone; only for finding the files of our own results.
const withoutArmor = (text: string): string => {
  const match =
    /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n-----BEGIN PGP SIGNATURE-----/.exec(
      text,
    );
  return match?.[1]?.replace(/^- /gm, '') ?? text;
};

/**
 * Moves a build's files into queue directories: copies first, synced, the .changes (this text) last, then out of
 * build/. Doing it again after a crash at any point ends the same.
 * @throws DataError when a file is neither whole in build/ nor in the queue already.
 */
export function queueResults(
  buildDirectory: string,
  queueDirectories: readonly string[],
  files: readonly FileFact[],
  changes: { readonly name: string; readonly text: string },
): void {
  if (!isFileName(changes.name)) throw new DataError(`"${changes.name}" is not a file name`);
  for (const queue of queueDirectories) {
    ensureDirectory(queue);
    for (const file of files) {
      if (problemOf(queue, file) === null) continue;
      const problem = problemOf(buildDirectory, file);
      if (problem !== null) throw new DataError(`${changes.name}: ${problem}`);
      const temporary = join(queue, `.${file.name}.tmp`);
      copyFileSync(join(buildDirectory, file.name), temporary, constants.COPYFILE_FICLONE);
      syncFile(temporary);
      renameSync(temporary, join(queue, file.name));
    }
    syncDirectory(queue);
    writeFileAtomically(join(queue, changes.name), changes.text);
  }
  for (const name of [changes.name, ...files.map((file) => file.name)])
    rmSync(join(buildDirectory, name), { force: true });
}

/** Takes an upload out of a directory: the files that its .changes names, its .upload, the .changes last. */
export function removeUpload(directory: string, changes: string): void {
  removeNamedFiles(directory, changes);
}

/** Deletes the results of a build in build/: whatever .changes of this source, version and architecture name. */
export function removeResults(directory: string, source: string, version: string, architecture: string): void {
  const plain = withoutEpoch(splitBinNmu(version).source);
  const escaped = `${source}_${plain}`;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(escaped) || !name.endsWith('.changes')) continue;
    const rest = name.slice(escaped.length);
    if (
      new RegExp(`^(?:\\+b\\d+)?_${architecture.replace(/[^a-z0-9-]/g, '')}(?:-[A-Za-z0-9]+)?\\.changes$`).test(rest)
    ) {
      removeNamedFiles(directory, name);
    }
  }
}

const removeNamedFiles = (directory: string, changes: string): void => {
  if (!isFileName(changes)) throw new DataError(`"${changes}" is not a file name`);
  let named: readonly string[] = [];
  try {
    named = readChanges(directory, changes)?.files.map((file) => file.name) ?? [];
  } catch (error) {
    // A .changes that cannot be read names nothing; what it should have named is old one day and is warned about.
    if (!(error instanceof DataError)) throw new Error(messageOf(error), { cause: error });
  }
  for (const name of named) rmSync(join(directory, name), { force: true });
  rmSync(join(directory, `${changes.slice(0, -'.changes'.length)}.upload`), { force: true });
  rmSync(join(directory, changes), { force: true });
  syncDirectory(directory);
};
