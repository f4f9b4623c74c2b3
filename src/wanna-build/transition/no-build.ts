// `--no-build`: a package is never built here; said twice, it is taken back.
import type { PackageRecord } from '../record.ts';
import type { Transition, TransitionContext } from './event.ts';
import { foreignReport } from './ownership.ts';
import { changed, moveTo } from './step.ts';

/** Makes a package Not-For-Us, or Failed again if it was that. */
export function noBuild(record: PackageRecord, version: string, context: TransitionContext): Transition {
  const { package: name } = record;
  const foreign = foreignReport(record, version, context);
  if (foreign !== null) return foreign;
  const cleared = { builder: null, depends: null, binary_nmu_version: null, binary_nmu_changelog: null };
  if (record.state === 'Not-For-Us') {
    const after = moveTo(record, 'Failed', context.time, { ...cleared, failed: 'Was Not-For-Us previously' });
    return changed(record, after, context, { action: 'no-build', reply: `${name}: now not unsuitable anymore` });
  }
  const after = moveTo(record, 'Not-For-Us', context.time, cleared);
  return changed(record, after, context, { action: 'no-build', reply: `${name}: registered as unsuitable` });
}
