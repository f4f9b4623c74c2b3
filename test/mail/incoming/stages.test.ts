// The row of stages that a mail goes through stays a row: a stage knows those before it, never one that comes after.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importGraph } from '../../architecture/import-graph.ts';

const stages = ['spool', 'decode', 'signature', 'authorize', 'classify', 'command', 'act'];
const directory = join(import.meta.dirname, '../../../src/mail/incoming');

const graph = importGraph(
  new Map(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => [path, readFileSync(join(directory, path), 'utf8')]),
  ),
);

// -1: beside the stages (what they share, and what puts them in a row).
const stageOf = (path: string): number => (path.includes('/') ? stages.indexOf(path.split('/')[0] ?? '') : -1);

describe('src/mail/incoming', () => {
  it('has a directory for each stage, and no other', () => {
    const directories = [...graph.keys()].filter((path) => path.includes('/')).map((path) => path.split('/')[0]);
    expect(new Set(directories)).toEqual(new Set(stages));
  });

  it('has no stage that imports a later one', () => {
    const upward = [...graph].flatMap(([from, imports]) =>
      imports
        .filter((to) => stageOf(from) >= 0 && stageOf(to) > stageOf(from))
        .map((to) => `${from} imports the later stage ${to}`),
    );
    expect(upward).toEqual([]);
  });

  it('obeys nothing where it is understood: only what acts knows the store and the files of the home', () => {
    const writers = /from '(?:\.\.\/)+(?:wanna-build\/|home\/(?:carry-out|intent|redo|purge|results|outbox)\.ts)/;
    const acting = [...graph.keys()].filter((path) => {
      const isBefore = stageOf(path) >= 0 && stageOf(path) < stages.indexOf('act');
      return isBefore && writers.test(readFileSync(join(directory, path), 'utf8'));
    });
    expect(acting).toEqual([]);
  });
});
