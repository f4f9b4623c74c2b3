// A store that is open: what the rest of wanna-build knows of a database, whichever it is.
import type { Kysely, Transaction } from 'kysely';
import type { StoreSchema } from './schema.ts';

/** Reads and writes of one transaction, or of none. */
export type Connection = Kysely<StoreSchema>;

export interface Store {
  /**
   * Reads; every statement sees the newest committed state.
   * @throws UnavailableError when the store fails.
   */
  read<T>(fn: (db: Connection) => Promise<T>): Promise<T>;
  /**
   * Runs fn in one transaction that holds the right to write from its beginning. All of it happens, or nothing.
   * @throws UnavailableError when the store stays locked, or fails.
   */
  write<T>(fn: (transaction: Transaction<StoreSchema>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How many migrations this program knows: the newest schema that it can work with. */
export const newestSchema = 1;
