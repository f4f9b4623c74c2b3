// Files that are there whole or not at all, also after a power cut: temporary name, fsync, rename, fsync of the
// directory. Synchronous, because most callers hold a database transaction as their lock meanwhile.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { systemCodeOf } from './errors.ts';
import { nameFile } from './system-error.ts';

/** Makes a directory's entries durable (what was created, renamed or removed in it). */
export function syncDirectory(path: string): void {
  sync(path);
}

/** Makes a file's content durable. */
export function syncFile(path: string): void {
  sync(path);
}

const sync = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** Replaces a file atomically and durably; mode is that of a new file (default 0644). */
export function writeFileAtomically(path: string, content: string | Uint8Array, mode = 0o644): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const fd = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(fd, content);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw nameFile(error, path);
  }
  syncDirectory(dirname(path));
}

/** The file's text, or null where there is no such file. */
export function readTextIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw nameFile(error, path);
  }
}

/** Creates a directory (and those above it) where it is missing, readable by its owner and group only. */
export function ensureDirectory(path: string, mode = 0o750): void {
  mkdirSync(path, { recursive: true, mode });
}
