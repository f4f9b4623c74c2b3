// How a source enters the store: by `--add`, or by a merge that finds a new version.
import { compareVersions } from '../../debian/version.ts';
import type { PackageRecord } from '../record.ts';
import type { Transition, TransitionContext } from './event.ts';
import type { SourceEntry } from './source-entry.ts';
import { changed, moveToQueue, refused } from './step.ts';
import { unregistered } from './unregistered.ts';

/** The record of a new version, or of a package that is new, in the queue. */
export function enteredQueue(
  record: PackageRecord | null,
  source: SourceEntry,
  context: TransitionContext,
): PackageRecord {
  const base = record ?? unregistered(context.key, source.version, context.time);
  const changes = {
    ...source,
    binary_nmu_version: null,
    binary_nmu_changelog: null,
    buildpri: null,
  };
  const after = moveToQueue(base, context, changes);
  return record === null ? { ...after, previous_state: null, state_change: context.time } : after;
}

/** Registers one source by hand. A version that is known already stays as far as it is. */
export function add(record: PackageRecord | null, source: SourceEntry, context: TransitionContext): Transition {
  const name = context.key.package;
  const reply = `${name}: registered ${source.version}`;
  if (record === null) {
    return changed(null, enteredQueue(null, source, context), context, { action: 'add', reply });
  }
  const age = compareVersions(source.version, record.version);
  if (record.state === 'Not-For-Us') return refused(name, 'not suitable for this architecture. Skipping.');
  if (age < 0) return refused(name, `newer version ${record.version} is registered already. Skipping.`);
  if (age > 0 || record.state === 'Auto-Not-For-Us') {
    return changed(record, enteredQueue(record, { ...source, notes: notesAfter(record) }, context), context, {
      action: 'add',
      reply,
    });
  }
  const notes = [`${name}: Note: ${record.version} is registered already (${record.state}).`];
  return changed(record, { ...record, source_path: source.source_path }, context, { action: 'add', notes, reply });
}

const notesAfter = (record: PackageRecord): string =>
  record.installed_version === null ? 'uncompiled' : 'out-of-date';
