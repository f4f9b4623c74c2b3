// What signals, the wake file and ended builds tell the loop. One object, set by the edge, awaited by the loop.

export interface Control {
  /** TERM or INT came: end the builds, put them back, exit. */
  readonly stopping: AbortSignal;
  stop(): void;
  /** Something happened that is worth a look: the loop goes on at once. */
  wake(): void;
  /** Ends a long pause (USR2). */
  endPause(): void;
  /** The configuration must be read again whether its files changed or not (USR1). */
  requestReload(): void;
  takeReloadRequest(): boolean;
  /** Resolves at the next wake, after the seconds, or when stopping. */
  untilWoken(seconds: number): Promise<void>;
  /** Resolves when the pause is ended, after the seconds, or when stopping. */
  untilPauseEnds(seconds: number): Promise<void>;
}

/** A control whose waiting uses the given sleep (seconds). */
export function createControl(sleep: (seconds: number, signal: AbortSignal) => Promise<void>): Control {
  const stopper = new AbortController();
  let woken = new AbortController();
  let unpaused = new AbortController();
  let reload = false;
  const either = (one: AbortSignal): AbortSignal => AbortSignal.any([one, stopper.signal]);
  return {
    stopping: stopper.signal,
    stop: () => stopper.abort(),
    wake: () => woken.abort(),
    endPause: () => {
      unpaused.abort();
      woken.abort();
    },
    requestReload: () => {
      reload = true;
      woken.abort();
    },
    takeReloadRequest: () => {
      const requested = reload;
      reload = false;
      return requested;
    },
    untilWoken: async (seconds) => {
      await sleep(seconds, either(woken.signal));
      woken = new AbortController();
    },
    untilPauseEnds: async (seconds) => {
      await sleep(seconds, either(unpaused.signal));
      unpaused = new AbortController();
    },
  };
}
