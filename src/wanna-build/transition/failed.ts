// `--failed`: the admin says that a package needs a fix before it can be built.
import type { PackageRecord } from '../record.ts';
import type { State } from '../states.ts';
import type { Transition, TransitionContext } from './event.ts';
import { builderAfter, foreignReport } from './ownership.ts';
import { changed, moveTo, plainText, refused } from './step.ts';

const silently: readonly State[] = ['Building', 'Built', 'Build-Attempted', 'Dep-Wait', 'Failed'];
const withWarning: readonly State[] = ['Needs-Build', 'Uploaded', 'BD-Uninstallable'];

/** Registers a failure with its reason; a further reason is appended. */
export function fail(record: PackageRecord, version: string, reason: string, context: TransitionContext): Transition {
  const { package: name, state } = record;
  const closed = closedState(state);
  if (closed !== null) return refused(name, closed);
  const foreign = foreignReport(record, version, context);
  if (foreign !== null) return foreign;
  const again = state === 'Failed' && record.failed !== null && record.failed !== '';
  const after = moveTo(record, 'Failed', context.time, {
    failed: again ? `${record.failed}\n${plainText(reason)}` : plainText(reason),
    builder: builderAfter(record, context),
  });
  return changed(record, after, context, {
    action: 'failed',
    notes: withWarning.includes(state) ? [`${name}: warning: state is ${state}, processing anyways.`] : [],
    remarks: again ? [`${name}: already registered as failed; will append new message`] : [],
    reply: `${name}: registered as failed`,
  });
}

const closedState = (state: State): string | null => {
  if (silently.includes(state) || withWarning.includes(state)) return null;
  if (state === 'Not-For-Us' || state === 'Auto-Not-For-Us')
    return 'not suitable for this architecture anyway. Skipping.';
  return `skipping: state is ${state}, not in ${[...silently, ...withWarning].join(', ')}`;
};
