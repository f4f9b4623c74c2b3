// Commands that change what is known of a package but not how far its build is.
import { splitBinNmu } from '../../debian/version.ts';
import type { PackageRecord } from '../record.ts';
import type { Transition, TransitionContext } from './event.ts';
import { changed } from './step.ts';

/** Sets build priorities, extra dependencies and conflicts (`context.adjustments`). */
export function adjust(record: PackageRecord, context: TransitionContext): Transition {
  const { package: name } = record;
  const { buildpri, permbuildpri } = context.adjustments;
  const said = [
    ...(buildpri === undefined ? [] : [`${name}: set to build priority ${buildpri ?? 0}`]),
    ...(permbuildpri === undefined ? [] : [`${name}: set to permanent build priority ${permbuildpri ?? 0}`]),
  ];
  const reply = said.pop() ?? `${name}: updated`;
  return changed(record, record, context, { action: 'priority', remarks: said, reply });
}

/** Reads a record anew: a `+bN` that strayed into the source version goes. */
export function update(record: PackageRecord, context: TransitionContext): Transition {
  const after = { ...record, version: splitBinNmu(record.version).source };
  return changed(record, after, context, { action: 'update', reply: `${record.package}: updated` });
}

/** Removes the row. */
export function forget(record: PackageRecord, context: TransitionContext): Transition {
  const reply = `${record.package}: deleted from database`;
  const outcome = changed(record, record, context, { action: 'forget', reply });
  return outcome.kind === 'changed' ? { ...outcome, record: null } : outcome;
}
