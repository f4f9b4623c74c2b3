// Whether the disk has room for a build.
import { statfsSync } from 'node:fs';

/** Free space for this user in KiB on the file system of a path. */
export function freeKib(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return Math.floor((bavail * bsize) / 1024);
}
