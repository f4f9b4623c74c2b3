// What this home remembers of the mails it received: those processed to their end, how often the processor began
// with one, and how many answers a sender got. Nothing here is ever taken from a mail's text.
import type { HomeDatabase } from './database.ts';

export interface MailKey {
  /** Empty where the mail has none. */
  readonly messageId: string;
  /** SHA-256 of the mail, 64 lower-case hex digits. */
  readonly sha256: string;
}

/** What was decided about this very mail before; null when it is new. */
export function decisionOn(db: HomeDatabase, key: MailKey): string | null {
  const decision = db.sql
    .prepare('select decision from mails_seen where message_id = ? and sha256 = ?')
    .pluck()
    .get(key.messageId, key.sha256) as string | undefined;
  return decision ?? null;
}

/** Notes a mail as processed; call it in the transaction of its intents. False: it was noted before. */
export function noteMail(db: HomeDatabase, key: MailKey, decision: string, now: Date): boolean {
  const { changes } = db.sql
    .prepare('insert into mails_seen (message_id, sha256, seen, decision) values (?, ?, ?, ?) on conflict do nothing')
    .run(key.messageId, key.sha256, now.toISOString(), decision);
  return changes === 1;
}

/** Counts that the processor begins with a queued mail; returns how often it did, this time included. */
export function noteStart(db: HomeDatabase, name: string): number {
  return db.sql
    .prepare(
      'insert into mail_starts (name, starts) values (?, 1) on conflict (name) do update set starts = starts + 1 returning starts',
    )
    .pluck()
    .get(name) as number;
}

/** Takes a start back: the mail did not fail, something it needs was away. */
export function takeStartBack(db: HomeDatabase, name: string): void {
  db.sql.prepare('update mail_starts set starts = starts - 1 where name = ?').run(name);
}

/** Forgets the count, after the mail left the queue. */
export function forgetStarts(db: HomeDatabase, name: string): void {
  db.sql.prepare('delete from mail_starts where name = ?').run(name);
}

const hourMs = 3600_000;

/** Answers that were sent to this address in the last hour. */
export function answersLastHour(db: HomeDatabase, recipient: string, now: Date): number {
  const since = new Date(now.getTime() - hourMs).toISOString();
  return db.sql
    .prepare('select count(*) from answers_sent where recipient = ? and sent_at > ?')
    .pluck()
    .get(recipient.toLowerCase(), since) as number;
}

/** Counts an answer; rows older than an hour go. Call it in the transaction of the answer's intent. */
export function noteAnswer(db: HomeDatabase, recipient: string, now: Date): void {
  db.sql.prepare('delete from answers_sent where sent_at <= ?').run(new Date(now.getTime() - hourMs).toISOString());
  db.sql
    .prepare('insert into answers_sent (recipient, sent_at) values (?, ?)')
    .run(recipient.toLowerCase(), now.toISOString());
}
