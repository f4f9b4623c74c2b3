// What a builder reports of a build it took: built, attempted, uploaded.
import { binaryVersion, compareVersions } from '../../debian/version.ts';
import type { PackageRecord } from '../record.ts';
import type { State } from '../states.ts';
import type { Transition, TransitionContext } from './event.ts';
import { builderAfter, foreignReport, versionMismatch } from './ownership.ts';
import { changed, moveTo, refused } from './step.ts';

interface Rule {
  readonly from: readonly State[];
  readonly to: State;
}

const rules: Readonly<Record<'built' | 'attempted' | 'uploaded', Rule>> = {
  built: { from: ['Building', 'Build-Attempted'], to: 'Built' },
  attempted: { from: ['Building', 'Build-Attempted'], to: 'Build-Attempted' },
  uploaded: { from: ['Building', 'Built', 'Build-Attempted'], to: 'Uploaded' },
};

/** Carries out one of the three reports; an upload must name exactly the binaries' version, with `+bN`. */
export function report(
  record: PackageRecord,
  action: 'built' | 'attempted' | 'uploaded',
  version: string,
  context: TransitionContext,
): Transition {
  const { package: name, state } = record;
  const rule = rules[action];
  if (!rule.from.includes(state)) return refused(name, `skipping: state is ${state}, not in ${rule.from.join(', ')}`);
  const foreign = foreignReport(record, version, context);
  if (foreign !== null) return foreign;
  const binaries = binaryVersion(record.version, record.binary_nmu_version ?? 0);
  if (action === 'uploaded' && compareVersions(binaries, version) !== 0) return versionMismatch(record);
  const after = moveTo(record, rule.to, context.time, { builder: builderAfter(record, context) });
  return changed(record, after, context, { action, reply: `${name}: registered as ${action}` });
}
