// build/wake: the daemon of the home watches it, so that it does not sleep out its interval when there is work.
import { closeSync, openSync, utimesSync } from 'node:fs';
import { pathsOf } from './paths.ts';

/** Wakes the daemon of a home; without a build directory there is none to wake. */
export function wakeDaemon(home: string, now: Date): void {
  const { wake } = pathsOf(home);
  try {
    closeSync(openSync(wake, 'a', 0o644));
    utimesSync(wake, now, now);
  } catch {
    // Not even a build directory.
  }
}
