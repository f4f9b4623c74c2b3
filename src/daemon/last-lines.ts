// The last lines of a log, for a mail about local problems.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const mostBytes = 16 * 1024;

/** The last lines of a file, at most so many and 16 KiB; control characters removed. Empty where it cannot be read. */
export function lastLines(path: string, count: number): string[] {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(size, mostBytes));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString('utf8').trimEnd().split('\n');
    return lines.slice(-count).map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 500));
  } finally {
    closeSync(fd);
  }
}
