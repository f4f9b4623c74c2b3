// The outbox: mails that are decided but not handed over yet. A row is written in the transaction that closes the
// intent which causes it, and sent after it, with the same Message-ID however often.
import type { HomeDatabase } from './database.ts';

export interface OutboxMail {
  /** With angle brackets. The same for every attempt. */
  readonly messageId: string;
  /** Envelope sender; empty for a mail that must not bounce. */
  readonly from: string;
  /** Envelope recipients. */
  readonly to: readonly string[];
  /** The whole mail, CRLF line ends. */
  readonly raw: Uint8Array;
}

export interface QueuedMail extends OutboxMail {
  readonly number: number;
  readonly attempts: number;
}

/** Puts a mail in; a Message-ID that is there already is left as it is. */
export function enqueue(db: HomeDatabase, mail: OutboxMail, now: Date): void {
  db.sql
    .prepare(
      `insert into outbox (message_id, envelope_from, envelope_to, raw, created, not_before) values (?, ?, ?, ?, ?, ?)
       on conflict (message_id) do nothing`,
    )
    .run(mail.messageId, mail.from, JSON.stringify(mail.to), mail.raw, now.toISOString(), now.toISOString());
}

interface Row {
  number: number;
  message_id: string;
  envelope_from: string;
  envelope_to: string;
  raw: Buffer;
  attempts: number;
}

/**
 * The next mail that is due; null when none is. What was tried least often comes first, then the oldest: a mail that
 * no server takes must not keep the others waiting behind it.
 */
export function nextDue(db: HomeDatabase, now: Date): QueuedMail | null {
  const row = db.sql
    .prepare(
      `select * from outbox where sent is null and not_before <= ? order by attempts, not_before, number limit 1`,
    )
    .get(now.toISOString()) as Row | undefined;
  if (row === undefined) return null;
  return {
    number: row.number,
    messageId: row.message_id,
    from: row.envelope_from,
    to: JSON.parse(row.envelope_to) as string[],
    raw: row.raw,
    attempts: row.attempts,
  };
}

/** When the next unsent mail is due; null when all are sent. */
export function nextDueTime(db: HomeDatabase): Date | null {
  const at = db.sql.prepare('select min(not_before) from outbox where sent is null').pluck().get() as string | null;
  return at === null ? null : new Date(at);
}

/** Notes that it was handed over; its text is dropped, its Message-ID stays. */
export function markSent(db: HomeDatabase, number: number, now: Date): void {
  db.sql
    .prepare(`update outbox set sent = ?, raw = x'', last_error = null where number = ?`)
    .run(now.toISOString(), number);
}

const longestPauseMinutes = 240;

/** Notes a failed attempt: the next one after 1, 2, 4 … minutes, at most 4 hours. Never given up. */
export function markFailed(db: HomeDatabase, mail: QueuedMail, error: string, now: Date): Date {
  const minutes = Math.min(2 ** Math.min(mail.attempts, 20), longestPauseMinutes);
  const next = new Date(now.getTime() + minutes * 60_000);
  db.sql
    .prepare('update outbox set attempts = attempts + 1, last_error = ?, not_before = ? where number = ?')
    .run(error, next.toISOString(), mail.number);
  return next;
}

/** Leaves only these recipients: the others have the mail. */
export function keepRecipients(db: HomeDatabase, number: number, recipients: readonly string[]): void {
  db.sql.prepare('update outbox set envelope_to = ? where number = ?').run(JSON.stringify(recipients), number);
}

/** In front of last_error: it was the way that did not work, not this mail. */
export const unreachable = 'unreachable: ';

/** Puts off all mails that are due, without counting an attempt: the mail server does not answer. Returns how many. */
export function postponeDue(db: HomeDatabase, now: Date, until: Date, reason: string): number {
  return db.sql
    .prepare('update outbox set not_before = ?, last_error = ? where sent is null and not_before <= ?')
    .run(until.toISOString(), `${unreachable}${reason}`, now.toISOString()).changes;
}

/** Makes all mails due that wait only because the mail server did not answer: it does again. */
export function resumePostponed(db: HomeDatabase, now: Date): void {
  db.sql
    .prepare(
      'update outbox set not_before = ?, last_error = null where sent is null and not_before > ? and substr(last_error, 1, ?) = ?',
    )
    .run(now.toISOString(), now.toISOString(), unreachable.length, unreachable);
}

/** How many mails are not sent yet. */
export function unsentCount(db: HomeDatabase): number {
  return db.sql.prepare('select count(*) from outbox where sent is null').pluck().get() as number;
}
