// Sends what is due in the outbox. One sender at a time; a mail that cannot be handed over stays and is tried again
// with growing pauses, for ever. A dead mail server costs one attempt, however many mails wait.
import type { HomeDatabase } from '../../home/database.ts';
import type { HomePaths } from '../../home/paths.ts';
import {
  keepRecipients,
  markFailed,
  markSent,
  nextDue,
  nextDueTime,
  postponeDue,
  resumePostponed,
  unreachable,
  unsentCount,
  type QueuedMail,
} from '../../home/outbox.ts';
import { rfc3339, type Clock } from '../../platform/clock.ts';
import { tryLock } from '../../platform/lock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Delivery, Transport } from './delivery.ts';

export interface OutboxRun {
  /** Mails handed over to all their recipients. */
  readonly sent: number;
  /** Attempts that failed, wholly or for some recipients. */
  readonly failed: number;
  /** When the next mail is due; null when nothing is left. */
  readonly next: Date | null;
}

/**
 * Sends the mails that are due, oldest first. While another process sends, returns at once: that one looks again
 * after it has let go of the lock, so that no mail is left lying.
 */
export async function sendOutbox(
  db: HomeDatabase,
  transport: Transport,
  clock: Pick<Clock, 'now'>,
  log: Pick<Logger, 'log'>,
  paths: Pick<HomePaths, 'outboxLock'>,
): Promise<OutboxRun> {
  let sent = 0;
  let failed = 0;
  while (nextDue(db, clock.now()) !== null) {
    const attempt = tryLock(paths.outboxLock);
    if (attempt.kind === 'held') break;
    try {
      const run = await sendAllDue(db, transport, clock, log);
      sent += run.sent;
      failed += run.failed;
    } finally {
      attempt.lock.release();
    }
  }
  return { sent, failed, next: nextDueTime(db) };
}

const sendAllDue = async (
  db: HomeDatabase,
  transport: Transport,
  clock: Pick<Clock, 'now'>,
  log: Pick<Logger, 'log'>,
): Promise<{ sent: number; failed: number }> => {
  let sent = 0;
  let failed = 0;
  for (let mail = nextDue(db, clock.now()); mail !== null; mail = nextDue(db, clock.now())) {
    const outcome = await sendOne(db, transport, mail, clock.now, log);
    if (outcome === 'sent') sent += 1;
    else failed += 1;
  }
  return { sent, failed };
};

const sendOne = async (
  db: HomeDatabase,
  transport: Transport,
  mail: QueuedMail,
  now: () => Date,
  log: Pick<Logger, 'log'>,
): Promise<'sent' | 'failed'> => {
  const delivery = await transport.deliver(mail);
  return db.exclusively(() => noteDelivery(db, mail, delivery, now(), log));
};

const noteDelivery = (
  db: HomeDatabase,
  mail: QueuedMail,
  delivery: Delivery,
  now: Date,
  log: Pick<Logger, 'log'>,
): 'sent' | 'failed' => {
  switch (delivery.kind) {
    case 'delivered':
      markSent(db, mail.number, now);
      // The way is open again: what waits only because it was not need not wait longer.
      resumePostponed(db, now);
      log.log(`mail to ${mail.to.join(', ')} sent`);
      return 'sent';
    case 'refused': {
      keepRecipients(db, mail.number, delivery.recipients);
      const next = rfc3339(markFailed(db, mail, delivery.reason, now));
      log.log(`mail to ${delivery.recipients.join(', ')} refused, next attempt at ${next}: ${delivery.reason}`);
      return 'failed';
    }
    case 'unreachable': {
      const next = markFailed(db, mail, `${unreachable}${delivery.reason}`, now);
      postponeDue(db, now, next, delivery.reason);
      log.log(`mail cannot be sent (${unsentCount(db)} waiting), next attempt at ${rfc3339(next)}: ${delivery.reason}`);
      return 'failed';
    }
  }
};
