// What is uploaded must be what was built and signed: names, sizes and SHA-256 of every file of a .changes, checked
// before any upload program sees them (dupload runs a shell over file names). Never follows a symbolic link.
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseChanges, type Changes, type ChangesFile } from '../debian/changes.ts';
import { parseStanza } from '../debian/deb822.ts';
import { isFileName } from '../debian/names.ts';
import type { ClearSigned } from '../mail/incoming/signature/clearsigned.ts';
import { DataError, messageOf, systemCodeOf } from '../platform/errors.ts';
import { readSigned } from './signature.ts';

export interface ReadChanges {
  readonly changes: Changes;
  /** SHA-256 of the .changes file itself, signature and all. */
  readonly sha256: string;
  /** Its signature; null: it has none. */
  readonly signature: ClearSigned | null;
}

const largestChanges = 10 * 1024 * 1024;

/**
 * Reads and checks a .changes of a queue directory. Whether its signature is good is signature.ts's; a .changes
 * without one is left to the archive to refuse.
 * @throws DataError with one line that names the file and what is wrong.
 */
export async function readQueuedChanges(directory: string, name: string): Promise<ReadChanges> {
  if (!isFileName(name))
    throw new DataError(`${name.slice(0, 80)}: is not the name of a .changes file; rename or remove it`);
  const found = await regularFile(join(directory, name), name);
  if (found.size > largestChanges) throw new DataError(`${name}: has ${found.size} bytes; that is no .changes file`);
  const raw = await readNoFollow(join(directory, name), name);
  const { block, text } = readSigned(raw, name);
  const changes = parseChanges(text, name);
  checkOtherLists(text, changes, name);
  return { changes, sha256: createHash('sha256').update(raw).digest('hex'), signature: block };
}

/**
 * Checks that every file of a .changes lies beside it with the size and SHA-256 it names.
 * @throws DataError naming the first file that does not.
 */
export async function checkFiles(directory: string, name: string, files: readonly ChangesFile[]): Promise<void> {
  for (const file of files) {
    const found = await regularFile(join(directory, file.name), name);
    if (found.size !== file.size) {
      throw new DataError(
        `${name}: ${file.name} has ${found.size} bytes instead of ${file.size}; build it again or remove the upload`,
      );
    }
    if ((await sha256Of(join(directory, file.name))) !== file.sha256) {
      throw new DataError(
        `${name}: ${file.name} has another SHA-256 than the .changes says; build it again or remove the upload`,
      );
    }
  }
}

// dupload reads Files and Checksums-Sha1 by itself: they must name what Checksums-Sha256 names, in plain ASCII words.
const checkOtherLists = (text: string, changes: Changes, what: string): void => {
  const stanza = parseStanza(text, what);
  const known = new Set(changes.files.map((file) => file.name));
  const check = (field: string, form: RegExp): void => {
    for (const line of (stanza.get(field) ?? '').split('\n').filter((part) => part.trim() !== '')) {
      const name = form.exec(line)?.[1];
      if (name === undefined || !known.has(name)) {
        throw new DataError(
          `${what}: ${field} has a line that does not fit Checksums-Sha256: ${line.trim().slice(0, 80)}`,
        );
      }
    }
  };
  check('files', /^ *[0-9a-f]{32} +\d{1,15} +[A-Za-z0-9/_.+-]+ +[A-Za-z0-9_.+-]+ +(\S+)$/);
  check('checksums-sha1', /^ *[0-9a-f]{40} +\d{1,15} +(\S+)$/);
};

const regularFile = async (path: string, what: string): Promise<Stats> => {
  let found: Stats;
  try {
    found = await lstat(path);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw new DataError(`${what}: ${path}: ${messageOf(error)}`);
    throw new DataError(`${what}: ${path} is missing; put it back or remove the upload`);
  }
  if (!found.isFile()) throw new DataError(`${what}: ${path} is not a plain file`);
  return found;
};

const readNoFollow = async (path: string, what: string): Promise<Buffer> => {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new DataError(`${what}: cannot be read: ${messageOf(error)}`);
  }
};

const sha256Of = async (path: string): Promise<string> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const hash = createHash('sha256');
  // The stream closes the handle.
  for await (const chunk of handle.createReadStream()) hash.update(chunk as Buffer);
  return hash.digest('hex');
};
