// Time as a port, so that everything that waits or looks at the clock can be tested without waiting.
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Now, UTC. */
  now(): Date;
  /** Resolves after the given seconds, or at once when the signal aborts; never rejects. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (seconds, signal) => {
    if (signal?.aborted) return;
    await delay(seconds * 1000, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};

/** `2026-11-20T09:15:02Z`: RFC 3339 without fractions, as log file names and JSON have it. */
export function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Seconds as `h:mm:ss`. */
export function hoursMinutesSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
