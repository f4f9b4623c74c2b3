// How many bounces went to the admin lately: a mail server in trouble must not bury the admin under them.
import type { HomeDatabase } from '../../../home/database.ts';

/** Bounces that are forwarded in one error_mail_window. */
export const bounceLimit = 5;

/** What the intent of a forwarded bounce is called; they are counted by it. */
export const bounceWhat = 'forward a bounce';

/** Bounces forwarded since then. */
export function bouncesForwarded(db: HomeDatabase, since: Date): number {
  return db.sql
    .prepare('select count(*) from intents where what = ? and created > ?')
    .pluck()
    .get(bounceWhat, since.toISOString()) as number;
}
