// The one state machine of the store: what a command does to a package, and when it is refused. Pure: time, user
// and what is known come in, plain data goes out; it never looks at a clock, a file or a database.
import { assertNever } from '../platform/errors.ts';
import type { PackageRecord } from './record.ts';
import { adjust, forget, update } from './transition/adjust.ts';
import { binNmu } from './transition/binnmu.ts';
import { waitFor } from './transition/dep-wait.ts';
import { add } from './transition/enter.ts';
import type { Transition, TransitionContext, TransitionEvent } from './transition/event.ts';
import { fail } from './transition/failed.ts';
import { giveBack } from './transition/give-back.ts';
import { noBuild } from './transition/no-build.ts';
import { report } from './transition/reports.ts';
import { refused } from './transition/step.ts';
import { take } from './transition/take.ts';

export type { Adjustments, Queue, Transition, TransitionContext, TransitionEvent } from './transition/event.ts';

/**
 * What an event does to a package.
 * @param record what the store knows; null: the package is not registered.
 */
export function transition(
  record: PackageRecord | null,
  event: TransitionEvent,
  context: TransitionContext,
): Transition {
  if (event.kind === 'take') return take(record, event.version, context);
  if (event.kind === 'add') return add(record, event.source, context);
  if (record === null) return refused(context.key.package, 'not registered yet.');
  switch (event.kind) {
    case 'built':
    case 'attempted':
    case 'uploaded':
      return report(record, event.kind, event.version, context);
    case 'failed':
      return fail(record, event.version, event.reason, context);
    case 'dep-wait':
      return waitFor(record, event.version, event.list, context);
    case 'give-back':
      return giveBack(record, event.version, context);
    case 'no-build':
      return noBuild(record, event.version, context);
    case 'binNMU':
      return binNmu(record, event, context);
    case 'adjust':
      return adjust(record, context);
    case 'update':
      return update(record, context);
    case 'forget':
      return forget(record, context);
    default:
      return assertNever(event);
  }
}
