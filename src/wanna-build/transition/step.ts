// The steps that all commands share: moving a record to another state, and forming what is answered.
// What must hold of every record is kept here and nowhere else (a reason only in Failed, a list only in Dep-Wait).
import type { PackageRecord } from '../record.ts';
import type { State } from '../states.ts';
import type { Transition, TransitionContext } from './event.ts';

/** What BD-Uninstallable says before the next installability check. */
const notTestedYet = 'Installability of build dependencies not tested yet';

const line = '-'.repeat(20);

/** A failure as `old_failed` keeps it: the newest first, each under a line that names the version. */
function appendOldFailure(record: PackageRecord): string {
  const entry = `${line} ${record.version} ${line}\n${record.failed ?? ''}`;
  return record.old_failed === null ? entry : `${entry}\n${record.old_failed}`;
}

/** The newest failure in `old_failed`; null where there is none. */
export function newestOldFailure(
  oldFailed: string | null,
): { readonly version: string; readonly reason: string } | null {
  if (oldFailed === null) return null;
  const header = /^-{20} (\S+) -{20}$/;
  const [first = '', ...rest] = oldFailed.split('\n');
  const version = header.exec(first)?.[1];
  if (version === undefined) return null;
  const end = rest.findIndex((text) => header.test(text));
  return { version, reason: rest.slice(0, end < 0 ? rest.length : end).join('\n') };
}

/** The record in another state (or the same), with what only the state it leaves may have taken away. */
export function moveTo(
  record: PackageRecord,
  state: State,
  time: Date,
  changes: Partial<PackageRecord> = {},
): PackageRecord {
  if (record.state === state) return { ...record, ...changes };
  const leaving: Partial<PackageRecord> = {
    ...(record.state === 'Failed' || record.state === 'Failed-Removed'
      ? { failed: null, old_failed: appendOldFailure(record) }
      : {}),
    ...(record.state === 'Dep-Wait' || record.state === 'Dep-Wait-Removed' ? { depends: null } : {}),
    ...(record.state === 'BD-Uninstallable' ? { bd_problem: null } : {}),
  };
  return { ...record, ...leaving, state, previous_state: record.state, state_change: time, ...changes };
}

/** The record back in the queue: nobody's, waiting for nothing. */
export function moveToQueue(
  record: PackageRecord,
  context: TransitionContext,
  changes: Partial<PackageRecord> = {},
): PackageRecord {
  return moveTo(record, context.queue, context.time, {
    builder: null,
    depends: null,
    bd_problem: context.queue === 'BD-Uninstallable' ? notTestedYet : null,
    ...changes,
  });
}

/** A text from outside as it may be shown on a terminal: lines, tabs, no other control character. */
export function plainText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');
}

interface Change {
  readonly action: string;
  readonly notes?: readonly string[];
  readonly remarks?: readonly string[];
  readonly reply: string;
}

/** The outcome of a command that changes a record; adjustments asked for together with it are in the record. */
export function changed(
  before: PackageRecord | null,
  after: PackageRecord,
  context: TransitionContext,
  change: Change,
): Transition {
  const record = { ...after, ...context.adjustments };
  return {
    kind: 'changed',
    record,
    transaction: {
      ...context.key,
      time: context.time,
      version: record.version,
      action: change.action,
      previous_state: before?.state ?? null,
      state: record.state,
      real_user: context.realUser,
      builder: record.builder,
      intent: context.intent,
    },
    notes: change.notes ?? [],
    remarks: change.remarks ?? [],
    reply: change.reply,
  };
}

/** A refusal in the form `NAME: reason`; further lines stand as they are. */
export function refused(name: string, reason: string, ...further: readonly string[]): Transition {
  return { kind: 'refused', reason, lines: [`${name}: ${reason}`, ...further], notes: [] };
}
