// Merges an archive's indexes into the store. Everything is read and decided first; the store is held only while
// what changed is written.
import { parsePackagesArchSpecific, type ArchitectureRules } from '../../debian/packages-arch-specific.ts';
import { readTextIfThere } from '../../platform/atomic-file.ts';
import { DataError } from '../../platform/errors.ts';
import { merged } from '../merge.ts';
import type { PackageRecord, TransactionRow } from '../record.ts';
import { findPackages, type StoredPackage } from '../store/packages.ts';
import type { Connection, Store } from '../store/store.ts';
import type { Queue, TransitionContext } from '../transition.ts';
import { writeDecisions, type Decision } from './write.ts';
import { readBinaries, readSources } from './read.ts';
import { newerBinary, statusOf, type ArchiveBinaries, type ArchiveSource } from './status.ts';

interface MergeOptions {
  readonly distribution: string;
  readonly architecture: string;
  readonly packages: readonly string[];
  readonly sources: readonly string[];
  /** A Packages-arch-specific file; null for none. */
  readonly architectureRules: string | null;
  readonly user: string;
  readonly realUser: string;
  readonly time: Date;
  /** `simulate`: everything is read and decided, nothing is written. */
  readonly mode: 'write' | 'simulate';
  /** Where a package goes that enters the queue. */
  queue(db: Connection): Promise<Queue>;
}

interface MergeResult {
  /** Rows that changed state or version, appeared or went. */
  readonly changes: readonly TransactionRow[];
  /** Sources that were passed over, each with the reason. */
  readonly skipped: readonly string[];
}

/**
 * Carries out a merge.
 * @throws DataError for an index that is none; nothing is changed then.
 */
export async function mergeIndexes(store: Store, options: MergeOptions): Promise<MergeResult> {
  const rules = readRules(options.architectureRules);
  const sources = await readSources(options.sources);
  if (sources.size === 0)
    throw new DataError(`${options.sources.join(' ')}: no source package in it; nothing was merged`);
  const binaries = await readBinaries(options.packages, sources, options.architecture);
  const { distribution, architecture } = options;
  const [rows, queue] = await store.read(async (db) => [
    await findPackages(db, { distributions: [distribution], architecture }),
    await options.queue(db),
  ]);
  const merge: Merge = { sources, binaries, rules, queue, options };
  const known = new Map(rows.map((row) => [row.record.package, row]));
  const names = new Set([...sources.keys(), ...known.keys()]);
  const decisions = [...names].map((name) => decide(name, known.get(name) ?? null, merge));
  const skipped = decisions.flatMap((decision) => (decision.skipped === null ? [] : [decision.skipped]));
  if (options.mode === 'simulate') {
    return { changes: decisions.flatMap(({ transaction }) => transaction ?? []), skipped };
  }
  const changes = await store.write((db) => writeDecisions(db, decisions, (name, row) => decide(name, row, merge)));
  return { changes, skipped };
}

const readRules = (path: string | null): ArchitectureRules => {
  if (path === null) return new Map();
  const text = readTextIfThere(path);
  if (text === null) throw new DataError(`${path}: no such file`);
  return parsePackagesArchSpecific(text, path);
};

const overwritten = (source: ArchiveSource, binaries: ArchiveBinaries, options: MergeOptions): string | null => {
  const newer = newerBinary(source, binaries);
  if (newer === null) return null;
  const what = `${source.name}_${source.version} (${options.architecture}, ${options.distribution})`;
  const which = `${newer.name}, ${source.version} vs. ${newer.sourceVersion}`;
  return `${what}: skipped because binaries (assumed to be) overwritten (${which})`;
};

interface Merge {
  readonly sources: ReadonlyMap<string, ArchiveSource>;
  readonly binaries: ArchiveBinaries;
  readonly rules: ArchitectureRules;
  readonly queue: Queue;
  readonly options: MergeOptions;
}

const decide = (name: string, row: StoredPackage | null, merge: Merge): Decision => {
  const { sources, binaries, rules, options } = merge;
  const source = sources.get(name);
  const before = row?.record ?? null;
  if (source === undefined) return decision(name, row, vanished(before), null, options);
  const skip = row === null ? overwritten(source, binaries, options) : null;
  if (skip !== null) return decision(name, null, null, skip, options);
  const after = merged(
    before,
    source,
    statusOf(source, binaries, options.architecture, rules),
    contextFor(name, merge),
  );
  return decision(name, row, after ?? vanished(before), null, options);
};

// What was registered by hand (--add) is in no index: that it is missing there says nothing.
const vanished = (record: PackageRecord | null): PackageRecord | null =>
  record !== null && record.source_path !== null ? record : null;

const contextFor = (name: string, { queue, options }: Merge): TransitionContext => {
  const { distribution, architecture, time, user, realUser } = options;
  return {
    key: { package: name, distribution, architecture },
    time,
    user,
    realUser,
    queue,
    override: false,
    claim: null,
    adjustments: {},
    intent: null,
  };
};

const decision = (
  name: string,
  row: StoredPackage | null,
  after: PackageRecord | null,
  skipped: string | null,
  options: MergeOptions,
): Decision => {
  const before = row?.record ?? null;
  return { name, row, after, skipped, transaction: logged(before, after, options) };
};

const logged = (
  before: PackageRecord | null,
  after: PackageRecord | null,
  { time, realUser }: MergeOptions,
): TransactionRow | null => {
  const shown = after ?? before;
  if (shown === null || after === before) return null;
  if (before !== null && after !== null && before.state === after.state && before.version === after.version)
    return null;
  const { package: name, distribution, architecture, version, state, builder } = shown;
  const previous_state = before?.state ?? null;
  const action = after === null ? 'vanished' : 'merge-v3';
  const key = { package: name, distribution, architecture };
  return { ...key, version, state, builder, time, action, previous_state, real_user: realUser, intent: null };
};
