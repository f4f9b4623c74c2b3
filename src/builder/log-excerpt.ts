// Reads the parts of a log that people and rules look at, of a file of any size. Must never hold more of it in
// memory than was asked for.
import { open, type FileHandle } from 'node:fs/promises';
import { cleanLines, longestLine } from './log-lines.ts';

export interface Excerpt {
  /** The first lines; all of them where nothing is omitted. */
  readonly head: readonly string[];
  /** The last lines; empty where nothing is omitted. */
  readonly tail: readonly string[];
  readonly omittedLines: number;
  readonly omittedBytes: number;
}

interface ExcerptLimits {
  readonly maxLines: number;
  /** Of the file, before anything is removed from the lines. */
  readonly maxBytes: number;
}

const newline = 0x0a;
const scanBlock = 256 * 1024;

/** Reads bytes [from, to) of a file; less where it is shorter. */
const readRange = async (file: FileHandle, from: number, to: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(Math.max(0, to - from));
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
};

const newlinesIn = (block: Uint8Array): number => {
  let count = 0;
  for (let at = block.indexOf(newline); at >= 0; at = block.indexOf(newline, at + 1)) count += 1;
  return count;
};

const countNewlines = async (file: FileHandle, from: number, to: number): Promise<number> => {
  let count = 0;
  for (let at = from; at < to; at += scanBlock)
    count += newlinesIn(await readRange(file, at, Math.min(to, at + scanBlock)));
  return count;
};

/** How many bytes of the block its first lines take: whole lines, or the block where its first line is longer. */
const lengthOfHead = (block: Buffer, lines: number): number => {
  let end = 0;
  for (let count = 0; count < lines; count += 1) {
    const at = block.indexOf(newline, end);
    if (at < 0) break;
    end = at + 1;
  }
  return end === 0 && lines > 0 ? block.length : end;
};

/** Where the last lines of the block begin: at a line's start, or at 0 where its last line is longer than the block. */
const startOfTail = (block: Buffer, lines: number): number => {
  let start = block.length;
  let before = block.at(-1) === newline ? block.length - 2 : block.length - 1;
  for (let count = 0; count < lines && before >= 0; count += 1) {
    const at = block.lastIndexOf(newline, before);
    if (at < 0) break;
    start = at + 1;
    before = at - 1;
  }
  return start === block.length && lines > 0 ? Math.max(0, block.length - longestLine) : start;
};

/**
 * The whole text where it is within the limits, else its first and last lines, half of the limits each, and how much
 * is missing between them. The lines are clean (see cleanLine).
 */
export async function excerpt(path: string, limits: ExcerptLimits): Promise<Excerpt> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size <= limits.maxBytes) {
      const all = await readRange(file, 0, size);
      if (newlinesIn(all) + (all.at(-1) === newline ? 0 : 1) <= limits.maxLines) {
        return { head: cleanLines(all), tail: [], omittedLines: 0, omittedBytes: 0 };
      }
    }
    return await headAndTail(file, size, limits);
  } finally {
    await file.close();
  }
}

const headAndTail = async (file: FileHandle, size: number, limits: ExcerptLimits): Promise<Excerpt> => {
  const headLines = Math.ceil(limits.maxLines / 2);
  const headBytes = Math.min(size, Math.ceil(limits.maxBytes / 2));
  const headBlock = await readRange(file, 0, headBytes);
  const headEnd = lengthOfHead(headBlock, headLines);
  const tailFrom = Math.max(headEnd, size - Math.floor(limits.maxBytes / 2));
  const tailBlock = await readRange(file, tailFrom, size);
  const tailStart = tailFrom + startOfTail(tailBlock, Math.floor(limits.maxLines / 2));
  return {
    head: cleanLines(headBlock.subarray(0, headEnd)),
    tail: cleanLines(tailBlock.subarray(tailStart - tailFrom)),
    omittedLines: await countNewlines(file, headEnd, tailStart),
    omittedBytes: tailStart - headEnd,
  };
};

/** The last lines of a log, clean; fewer where these lines are very long (at most 1,024 bytes a line on average). */
export async function tailLines(path: string, count: number): Promise<string[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - count * 1024);
    const block = await readRange(file, from, size);
    return cleanLines(block.subarray(from === 0 ? 0 : block.indexOf(newline) + 1)).slice(-count);
  } finally {
    await file.close();
  }
}
