// A store that cannot be read or written: the admin reads why, and what was there is there still.
import { sql } from 'kysely';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../../src/wanna-build/store/open.ts';
import { findPackage, updatePackage } from '../../../src/wanna-build/store/packages.ts';
import { sqliteTrouble } from '../../../src/wanna-build/store/sqlite-trouble.ts';
import { row, storeUrl, storeWorld } from '../../support/store-world.ts';

const fault = vi.hoisted(() => ({ access: null as string | null, bavail: null as number | null }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    accessSync: (...args: Parameters<typeof fs.accessSync>) => {
      if (fault.access !== null) throw Object.assign(new Error('fault'), { code: fault.access });
      real.accessSync(...args);
    },
    statfsSync: (path: string) => {
      const found = real.statfsSync(path);
      return fault.bavail === null ? found : Object.assign(found, { bavail: fault.bavail });
    },
  };
});

const directories: string[] = [];
const directory = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'trouble-'));
  directories.push(made);
  return made;
};
afterEach(() => {
  fault.access = null;
  fault.bavail = null;
  for (const made of directories.splice(0)) rmSync(made, { recursive: true, force: true });
});
const sqlite = (code: string, message = 'what SQLite says'): Error => Object.assign(new Error(message), { code });

describe('what is said of a database that SQLite cannot use', () => {
  it.each([
    ['EROFS', 'its file system is read-only, and even a look needs to write beside it'],
    ['EACCES', 'this user may not write the file and its directory, and even a look needs that'],
    ['EPERM', 'this user may not write the file and its directory, and even a look needs that'],
    ['EIO', 'what SQLite says'],
  ])('when the system answers %s', (code, text) => {
    fault.access = code;
    expect(sqliteTrouble(join(directory(), 'wb.db'), sqlite('SQLITE_CANTOPEN'))).toBe(text);
  });

  it('when a directory is not there, or stands in its place', () => {
    const home = directory();
    mkdirSync(join(home, 'wb.db'));
    writeFileSync(join(home, 'file'), '');
    expect(sqliteTrouble(join(home, 'wb.db'), sqlite('SQLITE_CANTOPEN'))).toBe('is a directory');
    expect(sqliteTrouble(join(home, 'nosuch/wb.db'), new TypeError('x'))).toBe('its directory does not exist');
    expect(sqliteTrouble(join(home, 'new.db'), sqlite('SQLITE_CANTOPEN'))).toBe('what SQLite says');
    expect(sqliteTrouble(join(home, 'file'), sqlite('SQLITE_NOTADB', 'file is not a database'))).toBe(
      'file is not a database; restore it from a backup',
    );
  });

  it('when there is no space, it is locked, or damaged', () => {
    const path = join(directory(), 'wb.db');
    expect(sqliteTrouble(path, sqlite('SQLITE_IOERR_SHMSIZE', 'disk I/O error'))).toBe('disk I/O error');
    fault.bavail = 0;
    expect(sqliteTrouble(path, sqlite('SQLITE_IOERR_SHMSIZE', 'disk I/O error'))).toBe(
      'no space left on its file system',
    );
    expect(sqliteTrouble(path, sqlite('SQLITE_FULL'))).toBe('no space left on its file system');
    expect(sqliteTrouble(path, sqlite('SQLITE_BUSY'))).toBe('another process holds it for too long; try again');
    expect(sqliteTrouble(path, sqlite('SQLITE_CORRUPT', 'database disk image is malformed'))).toBe(
      'database disk image is malformed; restore it from a backup',
    );
  });
});

describe('a store that is full', () => {
  it('says so, changes nothing, and works again when there is room', async () => {
    const world = await storeWorld(row('foo'));
    const store = await openStore(storeUrl, world.home);
    try {
      const foo = { package: 'foo', distribution: 'sid', architecture: 'arm64' };
      const failing = (): Promise<number> =>
        store.write(async (db) => {
          const stored = await findPackage(db, foo);
          if (stored === null) throw new Error('foo is not there');
          return updatePackage(db, stored, { ...stored.record, state: 'Failed', failed: 'x'.repeat(1_000_000) });
        });
      await store.read((db) => sql`pragma max_page_count = 20`.execute(db));
      await expect(failing()).rejects.toThrow(/^store \S+: cannot be used: database or disk is full$/);
      expect(await world.record('foo')).toMatchObject({ state: 'Needs-Build', failed: null });
      await store.read((db) => sql`pragma max_page_count = 100000`.execute(db));
      expect(await failing()).toBe(1);
    } finally {
      await store.close();
      world.end();
    }
  });
});
