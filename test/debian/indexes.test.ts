// Archive indexes in all their compressions, and files that are none.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readIndex } from '../../src/debian/indexes.ts';

const directory = mkdtempSync(join(tmpdir(), 'indexes-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
};

const sources = `Package: foo
Binary: foo,
 libfoo1,
 libfoo-dev
Version: 1.0-1
Description: Grüße

Package: bar
Version: 2

`;
const fields = new Set(['package', 'binary', 'version']);
const read = async (path: string, limit?: number): Promise<unknown[]> => {
  const stanzas: unknown[] = [];
  for await (const stanza of readIndex(path, limit === undefined ? { fields } : { fields, limit }))
    stanzas.push(Object.fromEntries(stanza));
  return stanzas;
};
const expected = [
  { package: 'foo', binary: 'foo,\nlibfoo1,\nlibfoo-dev', version: '1.0-1' },
  { package: 'bar', version: '2' },
];

describe('readIndex', () => {
  it('reads plain files, with and without an empty line at the end', async () => {
    expect(await read(file('Sources', sources))).toEqual(expected);
    expect(await read(file('Sources', sources.trimEnd()))).toEqual(expected);
    expect(await read(file('Sources', sources.replaceAll('\n', '\r\n')))).toEqual(expected);
    expect(await read(file('Empty', ''))).toEqual([]);
  });

  it('reads .gz, .xz and .zst', async () => {
    const plain = file('Packages', sources);
    expect(await read(file('Packages.gz', gzipSync(sources)))).toEqual(expected);
    expect(await read(file('Packages.xz', execFileSync('xz', ['-c', plain])))).toEqual(expected);
    expect(await read(file('Packages.zst', execFileSync('zstd', ['-qc', plain])))).toEqual(expected);
  });

  it('reads a line that is longer than a chunk of the file', async () => {
    const long = 'x'.repeat(3_000_000);
    expect(await read(file('Long', `Package: foo\nBinary: ${long}\n`))).toEqual([{ package: 'foo', binary: long }]);
  });

  it.each([
    ['Sources', 'Package: foo\nno field\n', 'line 2: not a field: no field'],
    ['Sources', ' folded\n', 'line 1: a continuation line without a field'],
    ['Sources.gz', 'not gzip', 'cannot be read: incorrect header check'],
    ['Sources.xz', 'not xz', 'cannot be unpacked: '],
    ['Sources.zst', 'not zstd', 'cannot be unpacked: '],
  ])('names file and line of what is no index (%s, %#)', async (name, content, message) => {
    const path = file(name, content);
    await expect(read(path)).rejects.toThrow(`${path}: ${message}`);
  });

  it('names a file that is not there', async () => {
    await expect(read(join(directory, 'nosuch'))).rejects.toThrow(`${join(directory, 'nosuch')}: no such file`);
    await expect(read(join(directory, 'nosuch.gz'))).rejects.toThrow(`${join(directory, 'nosuch.gz')}: no such file`);
  });

  it('stops where a small file unpacks to too much', async () => {
    const bomb = file('Bomb.gz', gzipSync(Buffer.alloc(5_000_000, 'Package: foo\n\n')));
    await expect(read(bomb, 1_000_000)).rejects.toThrow(`${bomb}: unpacks to more than 1000000 bytes`);
    const xz = file('Bomb.xz', execFileSync('xz', ['-c', file('Bomb', Buffer.alloc(5_000_000, 'Package: foo\n\n'))]));
    await expect(read(xz, 1_000_000)).rejects.toThrow(`${xz}: unpacks to more than 1000000 bytes`);
  });
});
