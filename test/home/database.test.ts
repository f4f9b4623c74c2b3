import { mkdirSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHomeDatabase } from '../../src/home/database.ts';
import { readOrMakeSecret } from '../../src/home/secret.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const directory = temporaryDirectory();

describe('home.db', () => {
  it('is durable on every open, not only on the first', () => {
    const path = join(directory, 'durable.db');
    openHomeDatabase(path).close();
    const again = openHomeDatabase(path);
    expect(again.sql.pragma('synchronous', { simple: true })).toBe(2);
    expect(again.sql.pragma('journal_mode', { simple: true })).toBe('wal');
  });

  it('keeps the name of the home', () => {
    const path = join(directory, 'named.db');
    const { homeId } = openHomeDatabase(path);
    expect(homeId).toMatch(/^[0-9a-f]{16}$/);
    expect(openHomeDatabase(path).homeId).toBe(homeId);
  });

  it('of a newer program is refused and left as it is', () => {
    const path = join(directory, 'newer.db');
    const db = openHomeDatabase(path);
    db.sql.pragma('user_version = 99');
    db.close();
    expect(() => openHomeDatabase(path)).toThrow(
      /newer\.db: was written by a newer mailbuildd \(schema 99, this one knows \d+\); upgrade the program/,
    );
  });

  it.each([
    [
      'garbage',
      (path: string) => writeFileSync(path, 'this is no database, and long enough to be looked at'.repeat(100)),
      'file is not a database; restore it from a backup',
    ],
    ['a directory', (path: string) => mkdirSync(path), ''],
  ])('that is %s is one clear line', (what, make, why) => {
    const path = join(directory, `bad-${what}.db`);
    make(path);
    expect(() => openHomeDatabase(path)).toThrow(`${path}: cannot be opened as a database: ${why}`);
  });
});

describe('the secret', () => {
  it('is made once, for its owner alone', () => {
    const path = join(directory, 'secret');
    const secret = readOrMakeSecret(path);
    expect(secret).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readOrMakeSecret(path).equals(secret)).toBe(true);
  });

  it('that others can read is refused', () => {
    const path = join(directory, 'open-secret');
    readOrMakeSecret(path);
    chmodSync(path, 0o644);
    expect(() => readOrMakeSecret(path)).toThrow(`${path}: others can read it; run chmod 600`);
  });
});
