// `--merge-v3`: what the indexes of an archive mean for one package. Pure; merge/run.ts reads and writes.
import { compareVersions } from '../debian/version.ts';
import type { ArchiveSource, ArchiveStatus } from './merge/status.ts';
import type { PackageRecord } from './record.ts';
import type { State } from './states.ts';
import { enteredQueue } from './transition/enter.ts';
import type { TransitionContext } from './transition/event.ts';
import { moveTo } from './transition/step.ts';
import { unregistered } from './transition/unregistered.ts';

/** The record as it must be after the merge; the same object where nothing changes, null where there is none. */
export function merged(
  record: PackageRecord | null,
  source: ArchiveSource,
  status: ArchiveStatus,
  context: TransitionContext,
): PackageRecord | null {
  if (record !== null && isAhead(record, source)) return record;
  switch (status.kind) {
    case 'arch-all-only':
      return null;
    case 'installed':
      if (isBinNmuDue(record, source, status.binNmu)) return toBuild(record, source, 'out-of-date', context);
      return installed(record, source, status.binNmu, context);
    case 'uncompiled':
    case 'out-of-date':
      return toBuild(record, source, status.kind, context);
    case 'packages-arch-specific':
      return record === null ? null : notForUs(record, source, status.kind, context);
    default:
      return notForUs(record, source, status.kind, context);
  }
}

const underWay: readonly State[] = ['Building', 'Built', 'Build-Attempted', 'Uploaded'];

// Somebody took a newer version than this index knows, or registered one by hand: the index is behind, and whatever
// it says of the older version, the build goes on.
const isAhead = (record: PackageRecord, source: ArchiveSource): boolean =>
  (underWay.includes(record.state) || record.source_path !== null) &&
  compareVersions(source.version, record.version) < 0;

const isBinNmuDue = (record: PackageRecord | null, source: ArchiveSource, seen: number): boolean =>
  record !== null && compareVersions(record.version, source.version) === 0 && (record.binary_nmu_version ?? 0) > seen;

const known = (record: PackageRecord | null, source: ArchiveSource, context: TransitionContext): PackageRecord =>
  record ?? unregistered(context.key, source.version, context.time);

// A new row begins in its state: there is no state that it came from.
const begun = (record: PackageRecord | null, after: PackageRecord): PackageRecord =>
  record === null ? { ...after, previous_state: null } : after;

const unlessEqual = (record: PackageRecord | null, after: PackageRecord): PackageRecord => {
  if (record === null) return after;
  const keys = Object.keys(after) as (keyof PackageRecord)[];
  return keys.every((key) => after[key] === record[key]) ? record : after;
};

const installed = (
  record: PackageRecord | null,
  source: ArchiveSource,
  binNmu: number,
  context: TransitionContext,
): PackageRecord => {
  if (record?.state === 'Not-For-Us') return record;
  const after = moveTo(known(record, source, context), 'Installed', context.time, {
    version: source.version,
    installed_version: source.version,
    binary_nmu_version: binNmu > 0 ? binNmu : null,
    binary_nmu_changelog: null,
    section: source.section,
    priority: source.priority,
    component: source.component,
    notes: null,
    depends: null,
    extra_depends: null,
    extra_conflicts: null,
    source_path: null,
  });
  return unlessEqual(record, begun(record, after));
};

const notForUs = (
  record: PackageRecord | null,
  source: ArchiveSource,
  notes: string,
  context: TransitionContext,
): PackageRecord => {
  if (record?.state === 'Not-For-Us') return record;
  const after = moveTo(known(record, source, context), 'Auto-Not-For-Us', context.time, {
    version: source.version,
    section: source.section,
    priority: source.priority,
    component: source.component,
    notes,
  });
  return unlessEqual(record, begun(record, after));
};

const toBuild = (
  record: PackageRecord | null,
  source: ArchiveSource,
  notes: string,
  context: TransitionContext,
): PackageRecord => {
  const { version, section, priority, component } = source;
  const entry = { version, section, priority, component, notes, source_path: null };
  if (record === null) return enteredQueue(null, entry, context);
  if (record.state === 'Not-For-Us' || record.state === 'Failed-Removed') return record;
  const age = compareVersions(source.version, record.version);
  const enters = record.state === 'Installed' || record.state === 'Auto-Not-For-Us';
  if (age === 0 && !enters) return record.notes === notes ? record : { ...record, notes };
  return unlessEqual(record, enteredQueue(record, entry, context));
};
