// The import graph of src/ and its rules: which room may use which. Pure over the texts of the files.
import ts from 'typescript';
import { posix } from 'node:path';

/** Rooms from the top down. Rooms in one list are siblings: they never import each other. */
export const levels: readonly (readonly string[])[] = [
  ['cli'],
  ['daemon', 'uploader', 'watcher'],
  ['mail'],
  ['builder'],
  ['wanna-build'],
  ['home'],
  ['config'],
  ['debian'],
  ['platform'],
];

const rooms = levels.flat();
const leftovers = /(?:^|[-/])(?:utils?|helpers?|misc|common|managers?|shared|stuff|index)\.ts$/;

/** The project's own version and name may be read by whoever prints them. */
const ownManifest = '../package.json';

/** File by path below src/ (`mail/token.ts`) → the files it imports, type imports and import() too. */
type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Reads the graph out of the sources; packages and node: modules are left out. */
export function importGraph(sources: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...sources].map(([path, text]) => {
      const { importedFiles } = ts.preProcessFile(text, true, true);
      const names = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
      const targets = names.map((name) => posix.join(posix.dirname(path), name));
      return [path, targets.filter((target) => target !== ownManifest)];
    }),
  );
}

const roomOf = (path: string): string => path.split('/')[0] ?? '';
const levelOf = (path: string): number => levels.findIndex((level) => level.includes(roomOf(path)));

/** Why a file may not import another; null when it may. */
const objection = (from: string, to: string): string | null => {
  if (levelOf(to) < levelOf(from)) return `${from} imports upward: ${to}`;
  if (levelOf(to) === levelOf(from) && roomOf(to) !== roomOf(from)) return `${from} imports a sibling: ${to}`;
  if (from.startsWith('mail/outgoing/') && to.startsWith('mail/incoming/'))
    return `${from} imports mail/incoming: ${to}`;
  if (from.startsWith('mail/') && from.split('/').length === 2 && to.startsWith('mail/') && to.split('/').length > 2) {
    return `${from} is for both halves of mail and imports one: ${to}`;
  }
  return null;
};

/** Everything that breaks the rules of the rooms, one line each. */
export function violations(graph: ImportGraph): string[] {
  const placed = [...graph.keys()].flatMap((path) => {
    if (!rooms.includes(roomOf(path)) || !path.includes('/')) return [`${path} is in no room`];
    return leftovers.test(path) ? [`${path} has a name that says nothing`] : [];
  });
  const arrows = [...graph].flatMap(([from, imports]) =>
    imports.flatMap((to) => {
      if (!graph.has(to)) return [`${from} imports ${to}, which is not in src/`];
      return objection(from, to) ?? [];
    }),
  );
  return [...placed, ...arrows, ...cycles(graph).map((cycle) => `a cycle: ${cycle.join(' → ')}`)];
}

/** Each cycle that a walk in depth meets, as the files on it; the first one is there twice. */
const cycles = (graph: ImportGraph): string[][] => {
  const found: string[][] = [];
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push([...trail.slice(start), path]);
      return;
    }
    if (finished.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
};
