// Hands over the mails in the outbox beside the loop: a mail server that does not answer must never delay a build.
import { messageOf } from '../platform/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

export interface Mailer {
  /** Something may be in the outbox: hand over what is due, now or after the run under way. */
  push(): void;
  /** Pushes when a mail is due, or when nobody looked for a minute (other programs of this home may have died). */
  pushIfDue(): void;
  /** When the next mail is due; null when none waits. */
  next(): Date | null;
  /** Hands over what is due and waits for that, at most so many seconds. */
  settle(seconds: number): Promise<void>;
}

export interface MailerPorts {
  sendMail(): Promise<Date | null>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The time of the next mail is known. */
  onNext(): void;
}

const longestUnwatched = 60_000;

/** A mailer; one run at a time. */
export function createMailer(ports: MailerPorts): Mailer {
  const { clock, log } = ports;
  let next: Date | null = null;
  let looked = 0;
  let wishes = 0;
  let running: Promise<void> | null = null;
  const once = async (): Promise<void> => {
    let seen: number;
    do {
      seen = wishes;
      try {
        next = await ports.sendMail();
      } catch (error) {
        next = new Date(clock.now().getTime() + longestUnwatched);
        log.log(`mail cannot be sent: ${messageOf(error)}`);
      }
      looked = clock.now().getTime();
    } while (seen !== wishes);
  };
  const push = (): void => {
    wishes += 1;
    running ??= once().finally(() => {
      running = null;
      ports.onNext();
    });
  };
  return {
    push,
    pushIfDue: () => {
      const now = clock.now().getTime();
      const sinceLook = now - looked;
      // A mail that stays due is one that another program is sending.
      const isDue = next !== null && next.getTime() <= now && sinceLook >= 1000;
      if (running === null && (isDue || sinceLook >= longestUnwatched)) push();
    },
    next: () => next,
    settle: async (seconds) => {
      push();
      const enough = new AbortController();
      await Promise.race([running, clock.sleep(seconds, enough.signal)]);
      enough.abort();
    },
  };
}
