// A mail to the admin from the watcher, as an intent like everything that leaves the home.
import { openIntent } from '../home/intent.ts';
import type { WatcherWorld } from './world.ts';

/** Writes the mail down, together with what fn changes in home.db, then hands it on. */
export async function mailAdmin(
  world: WatcherWorld,
  subject: string,
  text: string,
  fn: () => void = () => undefined,
): Promise<void> {
  const intent = world.db.exclusively(() => {
    fn();
    return openIntent(
      world.db,
      {
        what: `mail ${subject}`,
        subject: null,
        effects: [],
        mails: [{ kind: 'notice', subject, text }],
        refusalMails: [],
      },
      world.clock.now(),
    );
  });
  await world.carryOut(intent);
}
