// Files that a .changes names although they are not its own: the build that wrote it is hostile, and whoever signs it
// rarely reads the list. Only looks; must never let one package replace or take away what another one made.
import { readdirSync } from 'node:fs';
import type { Changes } from '../debian/changes.ts';
import { DataError, systemCodeOf } from '../platform/errors.ts';
import { readChanges } from './result-files.ts';

/**
 * What is wrong with the names in a .changes, given the directories that hold its files now and will hold them:
 * names that steer the daemon or an upload queue, and files of another upload. One line each.
 */
export function foreignFiles(changes: Changes, directories: readonly string[]): string[] {
  const steering = changes.files
    .filter(({ name }) => !isPartOfUpload(name))
    .map(({ name }) => `${name} cannot be part of an upload`);
  const others = directories.flatMap((directory) => othersIn(directory, changes));
  const foreign = others.flatMap(({ name, other }) =>
    other.files.filter((file) => isTaken(changes, other, file)).map((file) => `${file.name} belongs to ${name}`),
  );
  return [...steering, ...new Set(foreign)];
}

/**
 * The files that a .changes names and that may be deleted in a directory together with it: there, no .changes of
 * another source or version names them.
 */
export function ownFiles(changes: Changes, directory: string): string[] {
  const kept = new Set(othersIn(directory, changes).flatMap(({ other }) => other.files.map((file) => file.name)));
  return changes.files.map((file) => file.name).filter((file) => isPartOfUpload(file) && !kept.has(file));
}

// REDO, PURGE, wake, buildd.pid lie beside the results; names of results have a version, after an underscore.
const isPartOfUpload = (name: string): boolean => name.includes('_') && !/\.(?:changes|upload)$/.test(name);

// Versions of one source may share a file (an orig tarball), but not have two of one name.
const isTaken = (changes: Changes, other: Changes, { name, sha256 }: Changes['files'][number]): boolean =>
  changes.files.some((file) => file.name === name && (other.source !== changes.source || file.sha256 !== sha256));

const othersIn = (directory: string, changes: Changes): { readonly name: string; readonly other: Changes }[] =>
  namesIn(directory).flatMap((name) => {
    const other = readable(directory, name);
    const isOther = other !== null && (other.source !== changes.source || other.version !== changes.version);
    return isOther ? [{ name, other }] : [];
  });

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.changes'));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
};

const readable = (directory: string, name: string): Changes | null => {
  try {
    return readChanges(directory, name);
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
};
