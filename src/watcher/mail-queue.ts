// Mail that nobody processed (a processor that was killed, a machine that was switched off) is processed now.
import type { WatcherWorld } from './world.ts';

/** Runs the mail queue once. */
export async function processMailQueue(world: WatcherWorld): Promise<string[]> {
  const processed = await world.runQueue();
  return processed > 0 ? [`processed ${processed === 1 ? 'a mail' : `${processed} mails`} that lay in mqueue`] : [];
}
