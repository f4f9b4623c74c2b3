// The home's secret, from which reply tokens are made. Made once, readable by its owner alone, never logged.
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory, syncFile } from '../platform/atomic-file.ts';
import { ConfigurationError, systemCodeOf } from '../platform/errors.ts';

const length = 32;

/** Reads the secret, making it on first use. @throws ConfigurationError when it is readable by others or cut short. */
export function readOrMakeSecret(path: string): Buffer {
  const existing = readSecret(path);
  if (existing !== null) return existing;
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, randomBytes(length), { mode: 0o600, flag: 'wx' });
    syncFile(temporary);
    linkSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    // Somebody else made it at the same moment: theirs is the secret.
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const made = readSecret(path);
  if (made === null) throw new ConfigurationError(`${path}: cannot be made`);
  return made;
}

/** The secret; null where none was made yet. @throws ConfigurationError as above. */
export function readSecret(path: string): Buffer | null {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new ConfigurationError(`${path}: others can read it; run chmod 600 on it, or remove it to get a new one`);
    }
    const bytes = readFileSync(path);
    if (bytes.length !== length)
      throw new ConfigurationError(
        `${path}: has ${bytes.length} bytes instead of ${length}; remove it to get a new one`,
      );
    return bytes;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
