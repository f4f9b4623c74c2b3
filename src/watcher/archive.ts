// One archive of old logs: NAME-FROM-TO.tar.gz with an index beside it. The archive is complete, read back and
// synced before anything it holds is deleted; a run that was killed in between is recognised by the index.
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, syncDirectory, syncFile, writeFileAtomically } from '../platform/atomic-file.ts';

export interface OldLog {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly changed: Date;
}

/** Size in bytes and SHA-256 of what an archive holds, by name. */
type Contents = ReadonlyMap<string, { readonly size: number; readonly sha256: string }>;

/**
 * Moves files of a directory into a new archive.
 * @param logs oldest first.
 * @returns the archive's name (null where an earlier archive holds them all) and how many files were removed.
 * @throws Error when the archive cannot be written or read back; then every file is still there.
 */
export async function archiveFiles(
  directory: string,
  logs: readonly OldLog[],
  archives: string,
  kind: string,
): Promise<{ readonly archive: string | null; readonly removed: number }> {
  ensureDirectory(archives);
  removeLeftovers(archives, kind);
  const early = await removeArchived(directory, logs, recentContents(archives, kind));
  const rest = logs.filter((log) => !early.has(log.name));
  if (rest.length === 0) return { archive: null, removed: early.size };
  const stem = freeStem(archives, kind, rest);
  const temporary = join(archives, `.${stem}.tar.gz.tmp`);
  const { create } = await import('tar');
  await create(
    { file: temporary, cwd: directory, gzip: true, portable: true, follow: false, noDirRecurse: true, mode: 0o640 },
    rest.map((log) => `./${log.name}`),
  );
  const contents = await readBack(temporary);
  const missing = rest.find((log) => contents.get(log.name) === undefined);
  if (missing !== undefined)
    throw new Error(`${join(archives, stem)}.tar.gz: ${missing.name} is not in it; nothing was deleted`);
  syncFile(temporary);
  writeFileAtomically(join(archives, `${stem}.index`), formatIndex(contents));
  renameSync(temporary, join(archives, `${stem}.tar.gz`));
  syncDirectory(archives);
  const removed = await removeArchived(directory, rest, [contents]);
  return { archive: `${stem}.tar.gz`, removed: early.size + removed.size };
}

const removeLeftovers = (archives: string, kind: string): void => {
  for (const name of readdirSync(archives)) {
    if (name.startsWith(`.${kind}-`) && name.endsWith('.tmp')) rmSync(join(archives, name), { force: true });
  }
};

const day = (date: Date): string => date.toISOString().slice(0, 10).replaceAll('-', '');

const freeStem = (archives: string, kind: string, logs: readonly OldLog[]): string => {
  const [first] = logs;
  const last = logs.at(-1);
  const stem = `${kind}-${day(first?.changed ?? new Date(0))}-${day(last?.changed ?? new Date(0))}`;
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? stem : `${stem}-${count}`;
    if (!existsSync(join(archives, `${name}.tar.gz`))) return name;
  }
};

// Removes what one of the contents holds exactly as it is now; says what that was.
const removeArchived = async (
  directory: string,
  logs: readonly OldLog[],
  archived: readonly Contents[],
): Promise<Set<string>> => {
  const removed = new Set<string>();
  for (const { name } of logs) {
    const path = join(directory, name);
    const candidates = archived.flatMap((contents) => contents.get(name) ?? []);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (candidates.length === 0 || found === undefined) continue;
    if (!candidates.some(({ size }) => size === found.size)) continue;
    const sha256 = await hashOf(path);
    if (!candidates.some((candidate) => candidate.sha256 === sha256)) continue;
    rmSync(path);
    removed.add(name);
  }
  if (removed.size > 0) syncDirectory(directory);
  return removed;
};

const hashOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

const readBack = async (path: string): Promise<Contents> => {
  const { list } = await import('tar');
  const contents = new Map<string, { size: number; sha256: string }>();
  await list({
    file: path,
    strict: true,
    onReadEntry: (entry) => {
      const hash = createHash('sha256');
      let size = 0;
      entry.on('data', (chunk: Buffer) => {
        size += chunk.length;
        hash.update(chunk);
      });
      entry.on('end', () => void contents.set(entry.path.replace(/^\.\//, ''), { size, sha256: hash.digest('hex') }));
    },
  });
  return contents;
};

// `SHA256 SIZE NAME` a line, by name: what is in the archive, for grep and for finding our own traces.
const formatIndex = (contents: Contents): string =>
  [...contents]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { size, sha256 }]) => `${sha256} ${size} ${name}\n`)
    .join('');

const indexesLookedAt = 10;

// The contents of the newest archives of a kind: a killed run's archive is among them.
const recentContents = (archives: string, kind: string): Contents[] =>
  readdirSync(archives)
    .filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.index'))
    .map((name) => ({ path: join(archives, name), at: statSync(join(archives, name)).mtimeMs }))
    .filter(({ path }) => existsSync(path.replace(/\.index$/, '.tar.gz')))
    .sort((a, b) => b.at - a.at)
    .slice(0, indexesLookedAt)
    .map(({ path }) => readIndex(readFileSync(path, 'utf8')));

const readIndex = (text: string): Contents =>
  new Map(
    text.split('\n').flatMap((line): [string, { size: number; sha256: string }][] => {
      const match = /^([0-9a-f]{64}) (\d{1,15}) (.+)$/.exec(line);
      return match ? [[match[3] ?? '', { size: Number(match[2]), sha256: match[1] ?? '' }]] : [];
    }),
  );
