// The house stays the house: imports run downward, siblings do not know each other, no file is out of its room.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importGraph, levels, violations } from './import-graph.ts';

const src = join(import.meta.dirname, '..', '..', 'src');

const sources = new Map(
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, readFileSync(join(src, path), 'utf8')]),
);

const of = (files: Readonly<Record<string, string>>): string[] =>
  violations(importGraph(new Map(Object.entries(files))));

describe('the import graph of src/', () => {
  it('has files in every room', () => {
    for (const room of levels.flat())
      expect([...sources.keys()].filter((path) => path.startsWith(`${room}/`)).length, room).toBeGreaterThan(0);
  });

  it('breaks no rule', () => {
    expect(violations(importGraph(sources))).toEqual([]);
  });
});

describe('the rules', () => {
  it.each([
    ['an import', `import { a } from '../daemon/a.ts';`],
    ['a type import', `import type { A } from '../daemon/a.ts';`],
    ['an export', `export { a } from '../daemon/a.ts';`],
    ['an import of its effects', `import '../daemon/a.ts';`],
    ['a dynamic import', `const a = await import('../daemon/a.ts');`],
  ])('see %s that runs upward', (_what, line) => {
    expect(of({ 'home/b.ts': line, 'daemon/a.ts': '' })).toEqual(['home/b.ts imports upward: daemon/a.ts']);
  });

  it('let imports run downward, over any number of rooms', () => {
    expect(of({ 'cli/a.ts': `import { b } from '../platform/b.ts';`, 'platform/b.ts': '' })).toEqual([]);
  });

  it('keep daemon, uploader and watcher apart', () => {
    expect(of({ 'watcher/a.ts': `import '../daemon/b.ts';`, 'daemon/b.ts': '' })).toEqual([
      'watcher/a.ts imports a sibling: daemon/b.ts',
    ]);
  });

  it('let mail/incoming use mail/outgoing, never the reverse', () => {
    expect(of({ 'mail/incoming/a.ts': `import '../outgoing/b.ts';`, 'mail/outgoing/b.ts': '' })).toEqual([]);
    expect(of({ 'mail/outgoing/b.ts': `import '../incoming/a.ts';`, 'mail/incoming/a.ts': '' })).toEqual([
      'mail/outgoing/b.ts imports mail/incoming: mail/incoming/a.ts',
    ]);
  });

  it('see a cycle within a room, and one of types alone', () => {
    expect(
      of({
        'home/a.ts': `import type { B } from './b.ts';`,
        'home/b.ts': `import './c.ts';`,
        'home/c.ts': `import './a.ts';`,
      }),
    ).toEqual(['a cycle: home/a.ts → home/b.ts → home/c.ts → home/a.ts']);
  });

  it('see a file outside of the rooms, and one whose name says nothing', () => {
    expect(of({ 'a.ts': '', 'attic/b.ts': '', 'home/utils.ts': '', 'mail/mail-helpers.ts': '' })).toEqual([
      'a.ts is in no room',
      'attic/b.ts is in no room',
      'home/utils.ts has a name that says nothing',
      'mail/mail-helpers.ts has a name that says nothing',
    ]);
  });

  it('see an import of something that is not there', () => {
    expect(of({ 'home/a.ts': `import './gone.ts';` })).toEqual([
      'home/a.ts imports home/gone.ts, which is not in src/',
    ]);
  });
});
