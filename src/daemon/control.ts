// What signals, the wake file and ended builds tell the loop. One object, set by the edge, awaited by the loop alone.

export interface Control {
  /** TERM or INT came: end the builds, put them back, exit. */
  readonly stopping: AbortSignal;
  stop(): void;
  /** Something happened that is worth a look: the loop goes on at once. */
  wake(): void;
  /** Ends a long pause (USR2). */
  endPause(): void;
  takePauseEnd(): boolean;
  /** The configuration must be read again whether its files changed or not (USR1). */
  requestReload(): void;
  takeReloadRequest(): boolean;
  /** Resolves at the next wake (at once where one came since the last look), after the seconds, or when stopping. */
  untilWoken(seconds: number): Promise<void>;
}

/** A control whose waiting uses the given sleep (seconds). */
export function createControl(sleep: (seconds: number, signal: AbortSignal) => Promise<void>): Control {
  const stopper = new AbortController();
  let woken = new AbortController();
  let reload = false;
  let pauseEnd = false;
  return {
    stopping: stopper.signal,
    stop: () => stopper.abort(),
    wake: () => woken.abort(),
    endPause: () => {
      pauseEnd = true;
      woken.abort();
    },
    takePauseEnd: () => {
      const ended = pauseEnd;
      pauseEnd = false;
      return ended;
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
      // An AbortSignal.any of the two would gather on the long-lived one with every sleep.
      const stopped = (): void => woken.abort();
      stopper.signal.addEventListener('abort', stopped, { once: true });
      if (!stopper.signal.aborted) await sleep(seconds, woken.signal);
      stopper.signal.removeEventListener('abort', stopped);
      woken = new AbortController();
    },
  };
}
