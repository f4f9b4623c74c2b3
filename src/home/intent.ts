// Intents: whatever leaves this home is written down first, then carried out, then closed together with the mails
// it causes. After a crash an open intent is finished by whoever starts next; never twice, never lost.
import { isAlive, formatIdentity, ownIdentity, parseIdentity } from '../platform/process-identity.ts';
import type { HomeDatabase } from './database.ts';
import type { Effect } from './effect.ts';
import type { MailRequest } from './mail-request.ts';

export interface IntentDraft {
  /** One line: `built greet_1.0`, `answer retry of <message id>`. */
  readonly what: string;
  readonly subject: {
    readonly package: string;
    readonly version: string;
    readonly distribution: string;
    readonly architecture: string;
    readonly claim: number | null;
  } | null;
  /** Carried out in this order; a refusal of the store ends the rest. */
  readonly effects: readonly Effect[];
  /** Into the outbox when all effects are done. */
  readonly mails: readonly MailRequest[];
  /** Into the outbox when the store refused. */
  readonly refusalMails: readonly MailRequest[];
}

export interface Intent extends IntentDraft {
  readonly number: number;
  /** `HOMEID-NUMBER`: unique over all homes; stands in the store's transaction log. */
  readonly id: string;
  readonly state: 'open' | 'done' | 'refused';
  readonly refusal: string | null;
  /** RFC 3339. */
  readonly created: string;
}

interface Row {
  number: number;
  state: 'open' | 'done' | 'refused';
  what: string;
  package: string | null;
  version: string | null;
  distribution: string | null;
  architecture: string | null;
  claim: number | null;
  effects: string;
  mails: string;
  refusal_mails: string;
  owner: string;
  created: string;
  refusal: string | null;
}

/** Writes an intent down, owned by this process. Call it inside `exclusively` with what belongs to it (replay rows …). */
export function openIntent(db: HomeDatabase, draft: IntentDraft, now: Date): Intent {
  return db.exclusively(() => {
    const { lastInsertRowid } = db.sql
      .prepare(
        `insert into intents (state, what, package, version, distribution, architecture, claim, effects, mails, refusal_mails, owner, created)
         values ('open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        draft.what,
        draft.subject?.package ?? null,
        draft.subject?.version ?? null,
        draft.subject?.distribution ?? null,
        draft.subject?.architecture ?? null,
        draft.subject?.claim ?? null,
        JSON.stringify(draft.effects),
        JSON.stringify(draft.mails),
        JSON.stringify(draft.refusalMails),
        formatIdentity(ownIdentity()),
        now.toISOString(),
      );
    const number = Number(lastInsertRowid);
    return { ...draft, number, id: `${db.homeId}-${number}`, state: 'open', refusal: null, created: now.toISOString() };
  });
}

const fromRow = (db: HomeDatabase, row: Row): Intent => ({
  number: row.number,
  id: `${db.homeId}-${row.number}`,
  state: row.state,
  what: row.what,
  subject:
    row.package === null
      ? null
      : {
          package: row.package,
          version: row.version ?? '',
          distribution: row.distribution ?? '',
          architecture: row.architecture ?? '',
          claim: row.claim,
        },
  effects: JSON.parse(row.effects) as Effect[],
  mails: JSON.parse(row.mails) as MailRequest[],
  refusalMails: JSON.parse(row.refusal_mails) as MailRequest[],
  refusal: row.refusal,
  created: row.created,
});

/**
 * Makes this process the owner of the open intents that nobody alive carries out, oldest first, and returns them.
 * Those of this process itself that failed (the store was away) are among them only if `mine` names them.
 */
export function adoptOpenIntents(db: HomeDatabase, mine: ReadonlySet<number> = new Set()): Intent[] {
  return db.exclusively(() => {
    const own = formatIdentity(ownIdentity());
    const rows = db.sql.prepare(`select * from intents where state = 'open' order by number`).all() as Row[];
    const adopted = rows.filter((row) => {
      if (row.owner === own) return mine.has(row.number);
      const owner = parseIdentity(row.owner);
      return owner === null || !isAlive(owner);
    });
    const update = db.sql.prepare('update intents set owner = ? where number = ?');
    for (const row of adopted) update.run(own, row.number);
    return adopted.map((row) => fromRow(db, row));
  });
}

/** What is open now, oldest first, and whether it belongs to this process. */
export function openIntents(db: HomeDatabase): {
  readonly number: number;
  readonly subject: Intent['subject'];
  readonly owner: 'this process' | 'another process';
}[] {
  const own = formatIdentity(ownIdentity());
  const rows = db.sql.prepare(`select * from intents where state = 'open' order by number`).all() as Row[];
  return rows.map((row) => ({
    number: row.number,
    subject: fromRow(db, row).subject,
    owner: row.owner === own ? 'this process' : 'another process',
  }));
}

/** An intent that was refused. */
export interface RefusedIntent {
  readonly what: string;
  readonly subject: Intent['subject'];
  readonly refusal: string;
  /** How often the same was refused in the same words before. */
  readonly before: number;
}

/** The refused intent of this number; null when it was not refused. */
export function refusedIntent(db: HomeDatabase, number: number): RefusedIntent | null {
  const row = db.sql.prepare(`select * from intents where number = ? and state = 'refused'`).get(number) as
    Row | undefined;
  if (row === undefined) return null;
  const { what, subject, refusal } = fromRow(db, row);
  const before = db.sql
    .prepare(`select count(*) from intents where number < ? and state = 'refused' and what = ? and refusal is ?`)
    .pluck()
    .get(number, what, refusal) as number;
  return { what, subject, refusal: refusal ?? 'no reason given', before };
}

/**
 * Closes an intent. Call it inside `exclusively` with the outbox rows of its mails; false if it was closed already.
 * What it asked to be mailed is dropped: that is in the outbox now, and a forwarded mail is large.
 */
export function closeIntent(db: HomeDatabase, intent: Intent, refusal: string | null, now: Date): boolean {
  const { changes } = db.sql
    .prepare(
      `update intents set state = ?, refusal = ?, closed = ?, mails = '[]', refusal_mails = '[]'
       where number = ? and state = 'open'`,
    )
    .run(refusal === null ? 'done' : 'refused', refusal, now.toISOString(), intent.number);
  return changes === 1;
}
