// Compresses one file into a directory: complete, read back and synced before the original goes. A run that was
// killed after that finds its own result again and only removes the original.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { ensureDirectory, syncDirectory, syncFile } from '../platform/atomic-file.ts';

/**
 * Moves a file compressed to DIRECTORY/PREFIX DATE SUFFIX, DATE being the day of its last change; `-2` … where
 * another file has that name.
 * @returns the name of the new file.
 */
export async function compressInto(path: string, directory: string, prefix: string, suffix: string): Promise<string> {
  ensureDirectory(directory);
  const sha256 = await hashOf(path, []);
  const day = statSync(path).mtime.toISOString().slice(0, 10).replaceAll('-', '');
  const name = await freeName(directory, `${prefix}${day}`, suffix, sha256);
  const to = join(directory, name);
  if (!existsSync(to)) await compress(path, to, sha256);
  rmSync(path);
  syncDirectory(dirname(path));
  return name;
}

// The first name that is free or already holds exactly this content.
const freeName = async (directory: string, stem: string, suffix: string, sha256: string): Promise<string> => {
  for (let count = 1; ; count += 1) {
    const name = `${stem}${count === 1 ? '' : `-${count}`}${suffix}`;
    const path = join(directory, name);
    if (!existsSync(path) || (await holds(path, sha256))) return name;
  }
};

const compress = async (from: string, to: string, sha256: string): Promise<void> => {
  const temporary = join(dirname(to), `.${sha256.slice(0, 16)}.tmp`);
  await pipeline(createReadStream(from), createGzip(), createWriteStream(temporary, { mode: 0o640 }));
  if (!(await holds(temporary, sha256))) {
    rmSync(temporary, { force: true });
    throw new Error(`${from}: changed while it was compressed; it is left as it is`);
  }
  syncFile(temporary);
  renameSync(temporary, to);
  syncDirectory(dirname(to));
};

// Whether a compressed file is whole and holds this content.
const holds = async (path: string, sha256: string): Promise<boolean> => {
  try {
    return (await hashOf(path, [createGunzip()])) === sha256;
  } catch {
    return false;
  }
};

const hashOf = async (path: string, through: NodeJS.ReadWriteStream[]): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline([createReadStream(path), ...through, hash]);
  return hash.digest('hex');
};
