// Reads the files of a build's results: a .changes, and whether a file is what a .changes says. Names come from outside,
// so every one is checked, and no symbolic link is ever followed. Changes nothing.
import { closeSync, constants, lstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { systemCodeOf } from '../platform/errors.ts';
import { parseChanges, type Changes } from '../debian/changes.ts';
import { isFileName } from '../debian/names.ts';
import { withoutEpoch } from '../debian/version.ts';
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
  return readChangesText(readFileSync(join(directory, name), 'utf8'), name);
}

/** Reads the text of a .changes, signed or not. @throws DataError */
export function readChangesText(text: string, name: string): Changes {
  return parseChanges(withoutArmor(text), name);
}

// The text between the armor lines, dash escapes undone; only for finding the files of our own results.
const withoutArmor = (text: string): string => {
  const match =
    /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n-----BEGIN PGP SIGNATURE-----/.exec(
      text,
    );
  return match?.[1]?.replace(/^- /gm, '') ?? text;
};
