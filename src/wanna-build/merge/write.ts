// Writes what a merge decided, all at once: the shorter the store is held, the less takers wait. A row that moved
// since it was read is read and decided again, here, where nobody else can write.
import type { PackageRecord, TransactionRow } from '../record.ts';
import { appendTransactions } from '../store/history.ts';
import {
  deletePackage,
  findPackage,
  insertPackages,
  namesOf,
  updatePackage,
  type StoredPackage,
} from '../store/packages.ts';
import type { Connection } from '../store/store.ts';

/** What is to become of one package. */
export interface Decision {
  readonly name: string;
  /** The row as it was read; null: there was none. */
  readonly row: StoredPackage | null;
  /** The record to be; null: no row. The same as the row's where nothing changes. */
  readonly after: PackageRecord | null;
  /** Why it is passed over; null: it is not. */
  readonly skipped: string | null;
  readonly transaction: TransactionRow | null;
}

type DecideAgain = (name: string, row: StoredPackage | null) => Decision;

/** Writes the decisions that change something, and their log. @returns the rows of the log */
export async function writeDecisions(
  db: Connection,
  decisions: readonly Decision[],
  again: DecideAgain,
): Promise<TransactionRow[]> {
  const effective = decisions.filter(({ row, after }) => after !== (row?.record ?? null));
  const [first] = effective.flatMap(({ after, row }) => after ?? row?.record ?? []);
  if (first === undefined) return [];
  const written: Decision[] = [];
  const added = effective.filter(({ row }) => row === null);
  const there = added.length === 0 ? new Set<string>() : await namesOf(db, first);
  const fresh = added.filter(({ name }) => !there.has(name));
  await insertPackages(
    db,
    fresh.flatMap(({ after }) => after ?? []),
  );
  written.push(...fresh);
  for (const decision of effective.filter(({ row, name }) => row !== null || there.has(name))) {
    written.push(await writeOne(db, decision, first, again));
  }
  const log = written.flatMap(({ transaction }) => transaction ?? []);
  await appendTransactions(db, log);
  return log;
}

const writeOne = async (
  db: Connection,
  decision: Decision,
  { distribution, architecture }: PackageRecord,
  again: DecideAgain,
): Promise<Decision> => {
  if ((await writeGuarded(db, decision)) === 1) return decision;
  const row = await findPackage(db, { package: decision.name, distribution, architecture });
  const renewed = again(decision.name, row);
  if (row !== null) await writeGuarded(db, renewed);
  else if (renewed.after !== null) await insertPackages(db, [renewed.after]);
  return renewed;
};

const writeGuarded = async (db: Connection, { row, after }: Decision): Promise<number> => {
  if (after === (row?.record ?? null)) return 1;
  // Without a row it was to be added, but somebody else did: that is a moved row too.
  if (row === null) return 0;
  return after === null ? deletePackage(db, row) : updatePackage(db, row, after);
};
