import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { excerpt, tailLines } from '../../src/builder/log-excerpt.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailbuildd-test-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(directory, 'log');
  writeFileSync(path, text);
  return path;
};
const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `line ${n + 1}`);

describe('the excerpt of a log', () => {
  it('is the whole log where that is short enough', async () => {
    expect(await excerpt(file('a\nb\nc'), { maxLines: 3, maxBytes: 100 })).toEqual({
      head: ['a', 'b', 'c'],
      tail: [],
      omittedLines: 0,
      omittedBytes: 0,
    });
  });

  it('is empty for an empty log', async () => {
    expect(await excerpt(file(''), { maxLines: 3, maxBytes: 100 })).toEqual({
      head: [],
      tail: [],
      omittedLines: 0,
      omittedBytes: 0,
    });
  });

  it('keeps the first and the last lines of a long one and says how many are missing', async () => {
    const cut = await excerpt(file(`${numbered(100).join('\n')}\n`), { maxLines: 4, maxBytes: 10_000 });
    expect(cut.head).toEqual(['line 1', 'line 2']);
    expect(cut.tail).toEqual(['line 99', 'line 100']);
    expect(cut.omittedLines).toBe(96);
    expect(cut.omittedBytes).toBe(numbered(100).slice(2, 98).join('\n').length + 1);
  });

  it('keeps whole lines within the number of bytes', async () => {
    const cut = await excerpt(file(`${numbered(100).join('\n')}\n`), { maxLines: 1000, maxBytes: 40 });
    expect(cut.head).toEqual(['line 1', 'line 2']);
    expect(cut.tail).toEqual(['line 99', 'line 100']);
  });

  it('copes with a log that is one endless line', async () => {
    const cut = await excerpt(file('x'.repeat(5_000_000)), { maxLines: 100, maxBytes: 100_000 });
    expect(cut.head).toHaveLength(1);
    expect(cut.head[0]).toMatch(/^x{4096} \[…\]$/);
    expect(cut.tail.join('').length).toBeLessThan(5000);
    expect(cut.omittedBytes).toBeGreaterThan(4_000_000);
  });

  it('never loses a line without counting it', async () => {
    const line = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom('a', 'b', ' ', ':') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 2, max: 40 }),
        async (lines, maxLines) => {
          const cut = await excerpt(file(`${lines.join('\n')}\n`), { maxLines, maxBytes: 100_000 });
          expect(cut.head.length + cut.tail.length + cut.omittedLines).toBe(lines.length);
          expect([...cut.head, ...cut.tail]).toEqual(
            cut.omittedLines === 0
              ? lines
              : [...lines.slice(0, cut.head.length), ...lines.slice(lines.length - cut.tail.length)],
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the last lines of a log', () => {
  it('are as many as wanted', async () => {
    expect(await tailLines(file(`${numbered(50_000).join('\n')}\n`), 2)).toEqual(['line 49999', 'line 50000']);
  });

  it('are all where there are fewer', async () => {
    expect(await tailLines(file('only\u001b[1m one'), 10)).toEqual(['only one']);
  });
});
