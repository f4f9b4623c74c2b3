// Local problems in a row: after more than max_sbuild_fails of them the daemon stops spoiling the queue, tells the
// admin, and waits. Pure.

export interface LocalProblems {
  /** How many builds in a row ended with a local problem. */
  readonly inARow: number;
}

export const noProblems: LocalProblems = { inARow: 0 };

/** How long the daemon waits after a mess, seconds. USR2 ends it. */
export const messPauseSeconds = 3600;

/** Counts one more ended build; `mess` when the limit is passed (the count starts again). */
export function countResult(
  before: LocalProblems,
  result: 'successful' | 'attempted' | 'given-back' | 'failed' | 'aborted',
  maxFails: number,
): { readonly after: LocalProblems; readonly mess: boolean } {
  if (result !== 'failed') return { after: noProblems, mess: false };
  const inARow = before.inARow + 1;
  return inARow > maxFails ? { after: noProblems, mess: true } : { after: { inARow }, mess: false };
}
