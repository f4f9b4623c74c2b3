// The rows of packages. Every change is guarded: it names the row as it was read, and says how many rows it hit, so
// that a row which somebody else moved meanwhile is never overwritten.
import type { Selectable } from 'kysely';
import type { PackageKey, PackageRecord } from '../record.ts';
import type { State } from '../states.ts';
import type { PackagesTable } from './schema.ts';
import type { Connection } from './store.ts';

type Row = Selectable<PackagesTable>;

/** A record together with the number that guards its next change. */
export interface StoredPackage {
  readonly record: PackageRecord;
  readonly change: number;
}

const fromRow = ({ change, state_change, ...rest }: Row): StoredPackage => ({
  record: { ...rest, state_change: new Date(state_change) },
  change,
});

const toRow = (record: PackageRecord, change: number): Row => ({
  ...record,
  state_change: record.state_change.toISOString(),
  change,
});

/** One package; null when it is not registered. */
export async function findPackage(db: Connection, key: PackageKey): Promise<StoredPackage | null> {
  const row = await db
    .selectFrom('packages')
    .selectAll()
    .where('distribution', '=', key.distribution)
    .where('architecture', '=', key.architecture)
    .where('package', '=', key.package)
    .executeTakeFirst();
  return row === undefined ? null : fromRow(row);
}

interface PackageFilter {
  readonly distributions: readonly string[];
  readonly architecture: string;
  readonly state?: State;
  readonly package?: string;
}

/** All packages of some distributions on an architecture. */
export async function findPackages(db: Connection, filter: PackageFilter): Promise<StoredPackage[]> {
  let query = db
    .selectFrom('packages')
    .selectAll()
    .where('distribution', 'in', filter.distributions)
    .where('architecture', '=', filter.architecture);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.package !== undefined) query = query.where('package', '=', filter.package);
  const rows = await query.execute();
  return rows.map(fromRow);
}

/** Adds a row; 0 when there is one already. */
export async function insertPackage(db: Connection, record: PackageRecord): Promise<number> {
  const result = await db
    .insertInto('packages')
    .values(toRow(record, 1))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0n);
}

// Well below what a statement may have of parameters, in any of the databases.
const rowsAtOnce = 100;

/** Adds many rows, of packages that must not be there yet. */
export async function insertPackages(db: Connection, records: readonly PackageRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += rowsAtOnce) {
    const rows = records.slice(from, from + rowsAtOnce).map((record) => toRow(record, 1));
    await db.insertInto('packages').values(rows).execute();
  }
}

/** The names of all packages of a distribution and architecture. */
export async function namesOf(
  db: Connection,
  { distribution, architecture }: Pick<PackageKey, 'distribution' | 'architecture'>,
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('packages')
    .select('package')
    .where('distribution', '=', distribution)
    .where('architecture', '=', architecture)
    .execute();
  return new Set(rows.map((row) => row.package));
}

/** Replaces a row, if it is still the one that was read; the number of rows hit, 1 or 0. */
export async function updatePackage(db: Connection, before: StoredPackage, after: PackageRecord): Promise<number> {
  const { package: name, distribution, architecture } = before.record;
  const result = await db
    .updateTable('packages')
    .set(toRow(after, before.change + 1))
    .where('distribution', '=', distribution)
    .where('architecture', '=', architecture)
    .where('package', '=', name)
    .where('change', '=', before.change)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Removes a row, if it is still the one that was read; the number of rows hit, 1 or 0. */
export async function deletePackage(db: Connection, before: StoredPackage): Promise<number> {
  const { package: name, distribution, architecture } = before.record;
  const result = await db
    .deleteFrom('packages')
    .where('distribution', '=', distribution)
    .where('architecture', '=', architecture)
    .where('package', '=', name)
    .where('change', '=', before.change)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Whether a merge with an installability check ever ran for a distribution and architecture. */
export async function wasChecked(db: Connection, distribution: string, architecture: string): Promise<boolean> {
  const row = await db
    .selectFrom('installability_checks')
    .select('time')
    .where('distribution', '=', distribution)
    .where('architecture', '=', architecture)
    .executeTakeFirst();
  return row !== undefined;
}
