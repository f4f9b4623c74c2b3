// What the daemon survives: the store is away, the disk is full, a file cannot be written. It says so and tries
// again. Anything else that is thrown is a defect, and must end the daemon rather than be hidden.
import { MailbuilddError, messageOf, systemCodeOf } from '../platform/errors.ts';
import type { Intent } from '../home/intent.ts';
import type { DaemonWorld } from './world.ts';

/** Seconds until what failed is tried again. */
export const retrySeconds = 60;

// The result of a build is held in memory alone.
const urgentRetrySeconds = 10;

/** Whether it is a matter of the surroundings, which may get better: named errors, system calls, SQLite. */
export function isTrouble(thrown: unknown): boolean {
  return thrown instanceof MailbuilddError || systemCodeOf(thrown) !== null;
}

/**
 * Carries an intent out; whatever stops it, the intent stays open and is tried again: it was decided and is not
 * forgotten, even where the reason is a defect.
 */
export async function carryOutOrKeep(world: DaemonWorld, intent: Intent): Promise<'done' | 'refused' | 'open'> {
  try {
    return await world.carryOut(intent);
  } catch (error) {
    world.log.log(`cannot finish yet: ${intent.what}: ${messageOf(error)}`);
    return 'open';
  }
}

/**
 * Does something again and again until no trouble is in its way. Null when the daemon is to stop before that.
 * @throws what is no trouble.
 */
export async function untilDone<T>(
  world: DaemonWorld,
  stopping: AbortSignal,
  what: string,
  action: () => T,
): Promise<{ readonly value: T } | null> {
  for (;;) {
    try {
      return { value: action() };
    } catch (error) {
      if (!isTrouble(error)) throw error;
      world.log.log(`${what}: ${messageOf(error)}; trying again in ${urgentRetrySeconds} s`);
      if (stopping.aborted) return null;
      await world.clock.sleep(urgentRetrySeconds, stopping);
    }
  }
}
