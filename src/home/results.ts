// The results of builds in build/, and their way into the queue directories. Names come from .changes files of hostile
// builds: nothing is ever replaced or deleted that another package's .changes names.
import { constants, copyFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, syncDirectory, syncFile, writeFileAtomically } from '../platform/atomic-file.ts';
import { DataError } from '../platform/errors.ts';
import { isFileName } from '../debian/names.ts';
import { splitBinNmu, withoutEpoch } from '../debian/version.ts';
import type { FileFact } from './effect.ts';
import { foreignFiles, ownFiles } from './foreign-files.ts';
import { problemOf, readChanges, readChangesText } from './result-files.ts';

/**
 * Moves a build's files into queue directories: copies first, synced, the .changes (this text) last, then out of
 * build/. Doing it again after a crash at any point ends the same.
 * @throws DataError when a file is neither whole in build/ nor in the queue already, or is another upload's; then
 * the .changes was not queued.
 */
export function queueResults(
  buildDirectory: string,
  queueDirectories: readonly string[],
  files: readonly FileFact[],
  changes: { readonly name: string; readonly text: string },
): void {
  if (!isFileName(changes.name)) throw new DataError(`"${changes.name}" is not a file name`);
  const own = { ...readChangesText(changes.text, changes.name), files };
  const foreign = foreignFiles(own, [buildDirectory, ...queueDirectories]);
  if (foreign.length > 0) throw new DataError(`${changes.name}: ${foreign.slice(0, 20).join('; ')}`);
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
  for (const name of [changes.name, ...ownFiles(own, buildDirectory)])
    rmSync(join(buildDirectory, name), { force: true });
}

/**
 * Takes an upload out of a directory: the files that its .changes names and no other upload's does, its .upload, the
 * .changes last.
 */
export function removeUpload(directory: string, changes: string): void {
  removeNamedFiles(directory, changes);
}

/**
 * Deletes the results of a build in build/: whatever .changes of this source, version and architecture name, but for
 * files that the .changes of another source or version names too.
 */
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
  for (const name of namedBy(directory, changes)) rmSync(join(directory, name), { force: true });
  rmSync(join(directory, `${changes.slice(0, -'.changes'.length)}.upload`), { force: true });
  rmSync(join(directory, changes), { force: true });
  syncDirectory(directory);
};

const namedBy = (directory: string, name: string): string[] => {
  try {
    const changes = readChanges(directory, name);
    return changes === null ? [] : ownFiles(changes, directory);
  } catch (error) {
    // A .changes that cannot be read names nothing; what it should have named is old one day and is warned about.
    if (error instanceof DataError) return [];
    throw error;
  }
};
