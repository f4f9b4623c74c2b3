// The store in one SQLite file, used by many processes at once. Durable after a power cut (WAL, synchronous=FULL),
// never half migrated, and never opened when it is somebody else's file or was written by a newer program.
import Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { CompiledQuery, Kysely, SqliteDialect, SqliteDriver, type DatabaseConnection, type Driver } from 'kysely';
import { DataError, UnavailableError } from '../../platform/errors.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';
import type { StoreSchema } from './schema.ts';
import { newestSchema, type Store } from './store.ts';

const busyTimeout = 30_000;
// "wbld": marks the file as ours, so that a home.db or a browser's history is never migrated by mistake.
const applicationId = 0x77626c64;

// With a plain `begin` two writers that have both read fail with SQLITE_BUSY, which no timeout heals.
class ImmediateDriver extends SqliteDriver {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // On a full disk SQLite has rolled back itself; the error of a second rollback would hide why.
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

class ImmediateDialect extends SqliteDialect {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#database);
  }
}

/**
 * Opens the store, making it on first use.
 * @param warn told where the file was there but empty: something emptied it, and a new store is begun in it.
 * @throws UnavailableError (one line that names the file) when it cannot be opened or is damaged; DataError when it
 * is another program's file, or of a newer schema.
 */
export async function openSqlite(path: string, warn: (line: string) => void): Promise<Store> {
  const wasEmptied = statSync(path, { throwIfNoEntry: false })?.size === 0;
  const database = openFile(path);
  const db = new Kysely<StoreSchema>({ dialect: new ImmediateDialect(database) });
  const store: Store = {
    read: (fn) => explaining(path, () => fn(db)),
    write: (fn) => explaining(path, () => db.transaction().execute(fn)),
    close: () => db.destroy(),
  };
  try {
    await explaining(path, () => bringUpToDate(database, store, path));
    if (wasEmptied) warn(`store ${path}: was empty (0 bytes); began a new store. If there was one, restore its backup`);
  } catch (error) {
    await db.destroy();
    database.close();
    throw error;
  }
  return store;
}

const openFile = (path: string): Database.Database => {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: busyTimeout });
    database.pragma(`busy_timeout = ${busyTimeout}`);
    if (database.pragma('journal_mode', { simple: true }) !== 'wal') database.pragma('journal_mode = WAL');
    // better-sqlite3 lowers it to NORMAL when it reopens a WAL database.
    database.pragma('synchronous = FULL');
    return database;
  } catch (error) {
    database?.close();
    throw unavailable(path, error);
  }
};

const unavailable = (path: string, error: unknown): UnavailableError =>
  new UnavailableError(`store ${path}: cannot be used: ${sqliteTrouble(path, error)}`);

const explaining = async <T>(path: string, fn: () => Promise<T>): Promise<T> => {
  try {
    return await fn();
  } catch (error) {
    if (error instanceof Database.SqliteError) throw unavailable(path, error);
    throw error;
  }
};

const bringUpToDate = async (database: Database.Database, store: Store, path: string): Promise<void> => {
  if (checkedSchema(database, path) === newestSchema) return;
  const { migrations } = await import('./migrations/all.ts');
  await store.write(async (transaction) => {
    // Somebody else may have migrated it while we waited for the lock.
    for (const up of migrations.slice(checkedSchema(database, path))) await up(transaction);
    database.pragma(`application_id = ${applicationId}`);
    database.pragma(`user_version = ${newestSchema}`);
  });
};

const checkedSchema = (database: Database.Database, path: string): number => {
  const schema = database.pragma('user_version', { simple: true }) as number;
  const isOurs = database.pragma('application_id', { simple: true }) === applicationId;
  if (!isOurs) {
    const tables = database.prepare('select count(*) from sqlite_master').pluck().get() as number;
    if (schema > 0 || tables > 0) throw new DataError(`store ${path}: is a database, but not a wanna-build store`);
  }
  if (schema > newestSchema) {
    throw new DataError(
      `store ${path}: was written by a newer mailbuildd (schema ${schema}, this one knows ${newestSchema}); upgrade the program`,
    );
  }
  return schema;
};
