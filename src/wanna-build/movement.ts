// How a row of the transaction log is told to people.
import type { TransactionRow } from './record.ts';

/** From which state to which; `(none)` where there was no row, or is none any more. */
export function movement({ action, previous_state, state }: TransactionRow): string {
  const isGone = action === 'forget' || action === 'vanished';
  return `${previous_state ?? '(none)'} -> ${isGone ? '(none)' : state}`;
}
