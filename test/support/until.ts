// Waiting for something that another process does.
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the condition gives a value. @throws Error naming what did not happen, after the seconds */
export async function until<T>(what: string, seconds: number, condition: () => T | null): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const value = condition();
    if (value !== null) return value;
    if (performance.now() > end) throw new Error(`${what}: did not happen within ${seconds} s`);
    await delay(100);
  }
}
