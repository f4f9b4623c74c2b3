// The last lines of a log, for a mail about local problems: of what the build said, not of the summary below it.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const mostBytes = 64 * 1024;
const summaryBox = /^\| Summary +\|$/;

/**
 * The last lines of a build log above its summary, at most so many out of its last 64 KiB; control characters removed.
 * Empty where it cannot be read.
 */
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
    const lines = tail.toString('utf8').split('\n');
    const box = lines.findLastIndex((line) => summaryBox.test(line));
    // The line above is the upper edge of the box.
    const output = (box > 0 ? lines.slice(0, box - 1) : lines).filter((line) => line.trim() !== '');
    return output.slice(-count).map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 500));
  } finally {
    closeSync(fd);
  }
}
