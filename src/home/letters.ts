// Letters: mails of ours that can be answered with a token, one row for each recipient's copy. What a token was made
// for is read here, never out of the mail that carries it. A row is written with the outbox row of its mail.
import type { HomeDatabase } from './database.ts';

/** An answer that was accepted. */
export interface GivenAnswer {
  readonly keyword: string;
  readonly at: Date;
  /** Whose: a mail address, or the key that signed it. */
  readonly by: string;
  /** The intent that carries it out. */
  readonly intent: number;
}

export interface Letter {
  /** With angle brackets. */
  readonly messageId: string;
  readonly kind: 'log' | 'should-build' | 'digest';
  /** This home's number of the build. */
  readonly build: number;
  /** Lower case; the one mailbox the token was made for. */
  readonly recipient: string;
  /** Whether the token proves anything: only that in an admin's own copy does. */
  readonly authorises: boolean;
  readonly claim: number | null;
  readonly package: string;
  /** As the subject has it: with `+bN` for a binNMU. */
  readonly version: string;
  readonly distribution: string;
  readonly architecture: string;
  /** UTC. */
  readonly created: Date;
  /** The answer that was accepted, after which the token is dead; null while there is none. */
  readonly answered: GivenAnswer | null;
}

interface Row {
  message_id: string;
  kind: Letter['kind'];
  build: number;
  recipient: string;
  authorises: 0 | 1;
  claim: number | null;
  package: string;
  version: string;
  distribution: string;
  architecture: string;
  created: string;
  answered: string | null;
  answered_at: string | null;
  answered_by: string | null;
  answered_intent: number | null;
}

const fromRow = (row: Row): Letter => ({
  messageId: row.message_id,
  kind: row.kind,
  build: row.build,
  recipient: row.recipient,
  authorises: row.authorises === 1,
  claim: row.claim,
  package: row.package,
  version: row.version,
  distribution: row.distribution,
  architecture: row.architecture,
  created: new Date(row.created),
  answered:
    row.answered === null || row.answered_at === null
      ? null
      : {
          keyword: row.answered,
          at: new Date(row.answered_at),
          by: row.answered_by ?? '',
          intent: row.answered_intent ?? 0,
        },
});

/** Writes a letter down; one of that Message-ID that is there already stays as it is. */
export function insertLetter(db: HomeDatabase, letter: Letter): void {
  db.sql
    .prepare(
      `insert into letters (message_id, kind, build, recipient, authorises, claim, package, version, distribution, architecture, created, answered, answered_at, answered_by, answered_intent)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (message_id) do nothing`,
    )
    .run(
      letter.messageId,
      letter.kind,
      letter.build,
      letter.recipient,
      letter.authorises ? 1 : 0,
      letter.claim,
      letter.package,
      letter.version,
      letter.distribution,
      letter.architecture,
      letter.created.toISOString(),
      letter.answered?.keyword ?? null,
      letter.answered?.at.toISOString() ?? null,
      letter.answered?.by ?? null,
      letter.answered?.intent ?? null,
    );
}

/** All letters about a build, oldest first: the copies of its log mail, its "Should I build". */
export function lettersOfBuild(db: HomeDatabase, build: number): Letter[] {
  return (db.sql.prepare('select * from letters where build = ? order by rowid').all(build) as Row[]).map(fromRow);
}

/** The letter with this Message-ID (angle brackets included); null if it is none of ours. */
export function letterByMessageId(db: HomeDatabase, messageId: string): Letter | null {
  const row = db.sql.prepare('select * from letters where message_id = ?').get(messageId) as Row | undefined;
  return row === undefined ? null : fromRow(row);
}

/**
 * The letters about a package in a distribution to one recipient, newest first: what a new one is threaded under.
 * @param before only those of builds with a lower number.
 */
export function lettersTo(
  db: HomeDatabase,
  key: Pick<Letter, 'package' | 'distribution' | 'recipient'>,
  before: number,
  limit: number,
): Letter[] {
  const rows = db.sql
    .prepare(
      `select * from letters where package = ? and distribution = ? and recipient = ? and build < ?
       order by build desc, created desc, rowid desc limit ?`,
    )
    .all(key.package, key.distribution, key.recipient, before, limit) as Row[];
  return rows.map(fromRow);
}

/**
 * Notes the accepted answer on all copies of the letters of that kind about a build: their tokens are dead from now on.
 * Call it inside `exclusively` with the intent of the answer; false when another answer was there first.
 */
export function markAnswered(db: HomeDatabase, build: number, kind: Letter['kind'], answer: GivenAnswer): boolean {
  const { changes } = db.sql
    .prepare(
      `update letters set answered = ?, answered_at = ?, answered_by = ?, answered_intent = ?
       where build = ? and kind = ? and answered is null`,
    )
    .run(answer.keyword, answer.at.toISOString(), answer.by, answer.intent, build, kind);
  return changes > 0;
}

/** Takes the answer back that an intent stood for, because it was refused: its tokens are good again. */
export function reviveLetters(db: HomeDatabase, intent: number): void {
  db.sql
    .prepare(
      `update letters set answered = null, answered_at = null, answered_by = null, answered_intent = null
       where answered_intent = ?`,
    )
    .run(intent);
}

/**
 * Takes the approval of a build back, because its upload was called back: the tokens of all letters that the same
 * .changes answered are good again. Only an approval before this intent: done again after a crash, a later one stands.
 */
export function reopenLetters(db: HomeDatabase, build: number, intent: number): void {
  db.sql
    .prepare(
      `update letters set answered = null, answered_at = null, answered_by = null, answered_intent = null
       where answered = 'changes' and answered_intent < ?
         and answered_intent in (select answered_intent from letters where build = ? and answered = 'changes')`,
    )
    .run(intent, build);
}
