// The transaction log, and the answers to reports of buildd homes. Rows are only ever added.
import type { StoreAnswer } from '../../home/store-port.ts';
import type { PackageKey, TransactionRow } from '../record.ts';
import type { Connection } from './store.ts';

/** Appends one change to the log. */
export async function appendTransaction(db: Connection, row: TransactionRow): Promise<void> {
  await appendTransactions(db, [row]);
}

const rowsAtOnce = 200;

/** Appends many changes to the log. */
export async function appendTransactions(db: Connection, rows: readonly TransactionRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const values = rows.slice(from, from + rowsAtOnce).map((row) => ({ ...row, time: row.time.toISOString() }));
    await db.insertInto('transactions').values(values).execute();
  }
}

/** The log of one package, oldest first. */
export async function transactionsOf(db: Connection, key: PackageKey): Promise<TransactionRow[]> {
  const rows = await db
    .selectFrom('transactions')
    .selectAll()
    .where('package', '=', key.package)
    .where('distribution', '=', key.distribution)
    .where('architecture', '=', key.architecture)
    .orderBy('id')
    .execute();
  return rows.map(({ id: _id, time, ...rest }) => ({ ...rest, time: new Date(time) }));
}

/** What the report of this intent was answered; null when it was not carried out yet. */
export async function answerTo(db: Connection, intent: string, key: PackageKey): Promise<StoreAnswer | null> {
  const row = await db
    .selectFrom('reports')
    .select('answer')
    .where('intent', '=', intent)
    .where('package', '=', key.package)
    .where('distribution', '=', key.distribution)
    .where('architecture', '=', key.architecture)
    .executeTakeFirst();
  // Only recordAnswer writes this column.
  return row === undefined ? null : (JSON.parse(row.answer) as StoreAnswer);
}

/** Keeps the answer to an intent's report. */
export async function recordAnswer(
  db: Connection,
  intent: string,
  key: PackageKey,
  answer: StoreAnswer,
  time: Date,
): Promise<void> {
  const { package: name, distribution, architecture } = key;
  await db
    .insertInto('reports')
    .values({
      intent,
      package: name,
      distribution,
      architecture,
      time: time.toISOString(),
      answer: JSON.stringify(answer),
    })
    .execute();
}
