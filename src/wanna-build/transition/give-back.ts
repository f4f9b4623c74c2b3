// `--give-back`: a builder does not build it after all; it goes back to the queue.
import type { PackageRecord } from '../record.ts';
import type { State } from '../states.ts';
import type { Transition, TransitionContext } from './event.ts';
import { foreignReport } from './ownership.ts';
import { changed, moveTo, moveToQueue, refused } from './step.ts';

const freely: readonly State[] = ['Building', 'Built', 'Build-Attempted'];
const forcibly: readonly State[] = ['Failed', 'Failed-Removed', 'Uploaded', 'Installed'];
const hint = '  (use --override to clear dependency list and give back anyway)';

/** Puts a package back into the queue. */
export function giveBack(record: PackageRecord, version: string, context: TransitionContext): Transition {
  const { package: name, state } = record;
  const { override } = context;
  if (!override) {
    if (state === 'BD-Uninstallable') return refused(name, 'has uninstallable build-dependencies. Skipping', hint);
    if (state === 'Dep-Wait') return refused(name, 'waiting for source dependencies. Skipping', hint);
  }
  const notTaken = `not taken for building (state is ${state}).`;
  const waiting: readonly State[] = ['BD-Uninstallable', 'Dep-Wait', 'Dep-Wait-Removed'];
  const allowed = freely.includes(state) || (override && (waiting.includes(state) || forcibly.includes(state)));
  if (!allowed) return refused(name, `${notTaken} Skipping.`);
  const foreign = foreignReport(record, version, context);
  if (foreign !== null) return foreign;
  if (state === 'BD-Uninstallable') return forceInstallable(record, context);
  const notes = forcibly.includes(state)
    ? [`${name}: ${notTaken}`, `${name}: Forcing give-back`]
    : state === 'Dep-Wait'
      ? [`${name}: Forcing source dependency list to be cleared`]
      : [];
  const reply = `${name}: registered as give-back`;
  return changed(record, moveToQueue(record, context), context, { action: 'give-back', notes, reply });
}

const forceInstallable = (record: PackageRecord, context: TransitionContext): Transition => {
  const { package: name } = record;
  const after = moveTo(record, 'Needs-Build', context.time, { builder: null, depends: null });
  const note =
    'Forcing uninstallability mark to be removed. This is not permanent and might be reset with the next trigger run';
  return changed(record, after, context, {
    action: 'give-back',
    notes: [`${name}: ${note}`],
    reply: `${name}: given back`,
  });
};
