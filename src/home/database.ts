// home.db: what this home alone knows and must never lose: intents, the outbox, builds, replay table, mails seen.
// Synchronous on purpose: an immediate transaction on it is also the lock under which the home's plain files
// (REDO, PURGE …) are changed.
import Database from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import {
  DataError,
  MailbuilddError,
  messageOf,
  systemCodeOf,
  TemporaryError,
  UnavailableError,
} from '../platform/errors.ts';
import { homeMigrations } from './migrations.ts';
import type { HomePaths } from './paths.ts';

export interface HomeDatabase {
  readonly sql: Database.Database;
  /** A random name of this home, made once: the first part of the ids of its intents. */
  readonly homeId: string;
  /** Runs fn in one immediate transaction: nobody else changes home.db or the home's files meanwhile. */
  exclusively<T>(fn: () => T): T;
  close(): void;
}

/**
 * One line where home.db is gone, or empty, from a home that worked before (its secret is there); null where all is
 * well. To be asked before it is opened, which makes a new one.
 */
export function lostHomeDatabase(paths: Pick<HomePaths, 'homeDb' | 'secret'>): string | null {
  if (!existsSync(paths.secret)) return null;
  const status = statSync(paths.homeDb, { throwIfNoEntry: false });
  if (status !== undefined && status.size > 0) return null;
  const how = status === undefined ? 'was missing' : 'was empty (0 bytes)';
  return `warning: ${paths.homeDb}: ${how}; began a new one. Which answers were used, what was under way, and mails not sent yet are lost: if you have a backup, restore it`;
}

/**
 * Opens home.db, making and migrating it where needed.
 * @throws UnavailableError when it cannot be opened, TemporaryError when there is no space for it, DataError when a
 * newer program wrote it.
 */
export function openHomeDatabase(path: string): HomeDatabase {
  let sql: Database.Database | undefined;
  let homeId: string;
  try {
    sql = new Database(path);
    sql.pragma('busy_timeout = 30000');
    sql.pragma('journal_mode = WAL');
    // better-sqlite3 lowers it to NORMAL when it reopens a WAL database.
    sql.pragma('synchronous = FULL');
    sql.pragma('foreign_keys = ON');
    migrate(sql, path);
    homeId = sql.prepare('select value from meta where key = ?').pluck().get('home_id') as string;
  } catch (error) {
    sql?.close();
    throw unusable(path, error);
  }
  const opened = sql;
  return {
    sql: opened,
    homeId,
    exclusively: (fn) => (opened.inTransaction ? fn() : opened.transaction(fn).immediate()),
    close: () => opened.close(),
  };
}

const unusable = (path: string, error: unknown): MailbuilddError => {
  if (error instanceof MailbuilddError) return error;
  if (systemCodeOf(error) === 'SQLITE_FULL') {
    return new TemporaryError(`${path}: there is no space left on this disk; make some`);
  }
  const isDamaged = /^SQLITE_(?:NOTADB|CORRUPT)/.test(systemCodeOf(error) ?? '');
  const advice = isDamaged ? '; restore it from a backup' : '';
  return new UnavailableError(`${path}: cannot be opened as a database: ${messageOf(error)}${advice}`);
};

const migrate = (sql: Database.Database, path: string): void => {
  const version = (): number => sql.pragma('user_version', { simple: true }) as number;
  if (version() === homeMigrations.length) return;
  sql
    .transaction(() => {
      const from = version();
      if (from > homeMigrations.length) {
        sql.close();
        throw new DataError(
          `${path}: was written by a newer mailbuildd (schema ${from}, this one knows ${homeMigrations.length}); upgrade the program`,
        );
      }
      for (const migration of homeMigrations.slice(from)) sql.exec(migration);
      if (from === 0)
        sql.prepare('insert into meta (key, value) values (?, ?)').run('home_id', randomBytes(8).toString('hex'));
      sql.pragma(`user_version = ${homeMigrations.length}`);
    })
    .immediate();
};
