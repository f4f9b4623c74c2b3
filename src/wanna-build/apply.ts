// Carries transitions out on a store: reads the row, asks the state machine, writes what it said and the log, all
// in the caller's transaction.
import { TemporaryError } from '../platform/errors.ts';
import type { WannaBuildConf } from '../config/wanna-build-conf.ts';
import { appendTransaction } from './store/history.ts';
import {
  deletePackage,
  findPackage,
  insertPackage,
  updatePackage,
  wasChecked,
  type StoredPackage,
} from './store/packages.ts';
import type { Connection } from './store/store.ts';
import { transition, type Queue, type Transition, type TransitionContext, type TransitionEvent } from './transition.ts';
import type { PackageRecord } from './record.ts';

/** Where a package of this distribution and architecture goes that (re-)enters the queue. */
export async function queueOf(
  db: Connection,
  conf: WannaBuildConf,
  distribution: string,
  architecture: string,
): Promise<Queue> {
  const configured = conf.distributions.find((entry) => entry.name === distribution);
  if (configured?.auto_dep_wait === false) return 'Needs-Build';
  return (await wasChecked(db, distribution, architecture)) ? 'BD-Uninstallable' : 'Needs-Build';
}

/** Carries out one event. To be called within a writing transaction. */
export async function apply(db: Connection, event: TransitionEvent, context: TransitionContext): Promise<Transition> {
  const before = await findPackage(db, context.key);
  const outcome = transition(before?.record ?? null, event, context);
  if (outcome.kind !== 'changed') return outcome;
  await writeChange(db, before, outcome.record);
  await appendTransaction(db, outcome.transaction);
  return outcome;
}

/**
 * Writes a record over the row that it was made from.
 * @throws TemporaryError when that row moved meanwhile.
 */
async function writeChange(db: Connection, before: StoredPackage | null, after: PackageRecord | null): Promise<void> {
  let rows = 1;
  if (before === null) rows = after === null ? 1 : await insertPackage(db, after);
  else rows = await (after === null ? deletePackage(db, before) : updatePackage(db, before, after));
  const name = (before?.record ?? after)?.package ?? '';
  if (rows !== 1) throw new TemporaryError(`${name}: was changed by somebody else meanwhile; try again`);
}

/** Whether something that was done gives a daemon something to take. */
export function wakes(outcomes: readonly Transition[]): boolean {
  return outcomes.some((outcome) => outcome.kind === 'changed' && outcome.record?.state === 'Needs-Build');
}
