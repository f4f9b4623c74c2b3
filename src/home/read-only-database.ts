// home.db for who only looks (`buildd-mail --explain`): nothing in the home changes, not even a file of SQLite's own.
// Must never make a database, nor migrate one.
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UnavailableError } from '../platform/errors.ts';
import type { HomeDatabase } from './database.ts';
import { homeMigrations } from './migrations.ts';

/**
 * Opens home.db for reading; null where there is none, or one of another version of the program.
 * @throws UnavailableError when it is there but cannot be read.
 */
export function openHomeDatabaseToRead(path: string): HomeDatabase | null {
  if (!existsSync(path)) return null;
  let copy: string | null = null;
  let sql: Database.Database | undefined;
  const close = (): void => {
    sql?.close();
    if (copy !== null) rmSync(copy, { recursive: true, force: true });
  };
  try {
    // SQLite makes a `-shm` beside a database that nobody has open, even to read it: a copy is read then.
    if (!existsSync(`${path}-shm`)) copy = copyOf(path);
    sql = new Database(copy === null ? path : join(copy, 'home.db'), { readonly: copy === null, fileMustExist: true });
    sql.pragma('busy_timeout = 30000');
    if (sql.pragma('user_version', { simple: true }) !== homeMigrations.length) {
      close();
      return null;
    }
    const homeId = sql.prepare('select value from meta where key = ?').pluck().get('home_id') as string;
    return { sql, homeId, exclusively: (fn) => fn(), close };
  } catch (error) {
    close();
    throw new UnavailableError(`${path}: cannot be read as a database: ${messageOf(error)}`);
  }
}

const copyOf = (path: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'mailbuildd-'));
  copyFileSync(path, join(directory, 'home.db'));
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, join(directory, 'home.db-wal'));
  return directory;
};
