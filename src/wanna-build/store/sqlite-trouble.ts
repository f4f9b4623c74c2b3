// Why SQLite could not do it, in words that tell an admin what to mend: its own ("unable to open database file")
// name no cause. Only looks, never changes anything.
import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, systemCodeOf } from '../../platform/errors.ts';

// Less than this, in bytes, and a write-ahead log has no room to begin.
const leastSpace = 64 * 1024;

/** One phrase for what went wrong with the database at a path. */
export function sqliteTrouble(path: string, error: unknown): string {
  const code = systemCodeOf(error) ?? '';
  const said = messageOf(error);
  if (code.startsWith('SQLITE_BUSY')) return 'another process holds it for too long; try again';
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    return `${said}; restore it from a backup`;
  }
  if (code.startsWith('SQLITE_FULL') || code.startsWith('SQLITE_IOERR')) {
    return hasNoSpace(path) ? 'no space left on its file system' : said;
  }
  return unreachable(path) ?? said;
}

const hasNoSpace = (path: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < leastSpace;
  } catch {
    return false;
  }
};

// Even who only reads writes the shared memory beside the file.
const unreachable = (path: string): string | null => {
  const needed = constants.R_OK | constants.W_OK;
  try {
    accessSync(dirname(path), needed | constants.X_OK);
    if (statSync(path).isDirectory()) return 'is a directory';
    accessSync(path, needed);
    return null;
  } catch (error) {
    switch (systemCodeOf(error)) {
      case 'EROFS':
        return 'its file system is read-only, and even a look needs to write beside it';
      case 'EACCES':
      case 'EPERM':
        return 'this user may not write the file and its directory, and even a look needs that';
      case 'ENOENT':
        return exists(dirname(path)) ? null : 'its directory does not exist';
      default:
        return null;
    }
  }
};

const exists = (path: string): boolean => {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
};
