// How long the loop may sleep before something that nobody wakes it for is due. Pure.

export interface RestState {
  /** Seconds. */
  readonly idleSleepTime: number;
  /** Waiting for free space, which is looked at again every ten minutes. */
  readonly space: 'enough' | 'low';
  readonly pausedUntil: Date | null;
  readonly nextMail: Date | null;
  /** Intents that could not be carried out yet. */
  readonly openIntents: number;
  readonly now: Date;
}

const spaceRecheckSeconds = 600;
const openIntentSeconds = 60;
// Node's timers cannot count further than 24 days, and fire at once beyond that.
const longestSeconds = 86_400;

/** Seconds, at least 1. */
export function restSeconds(state: RestState): number {
  const { now } = state;
  const until = (time: Date): number => (time.getTime() - now.getTime()) / 1000;
  const waits = [longestSeconds, state.space === 'low' ? spaceRecheckSeconds : state.idleSleepTime];
  if (state.pausedUntil !== null) waits.push(until(state.pausedUntil));
  if (state.nextMail !== null) waits.push(until(state.nextMail));
  if (state.openIntents > 0) waits.push(openIntentSeconds);
  return Math.max(1, Math.min(...waits));
}
