import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openHomeDatabase } from '../../src/home/database.ts';
import { ensureHomeDirectories, pathsOf } from '../../src/home/paths.ts';
import {
  addToRedo,
  dropBadRedoLines,
  formatRedoLine,
  parseRedoLine,
  readRedo,
  removeFromRedo,
} from '../../src/home/redo.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const home = () => {
  const paths = pathsOf(temporaryDirectory());
  ensureHomeDirectories(paths);
  return { paths, db: openHomeDatabase(paths.homeDb) };
};

describe('a REDO line', () => {
  it('is package and distribution, with a binNMU where one is due', () => {
    expect(parseRedoLine('hello_2.10-3 unstable')).toEqual({
      package: 'hello',
      version: '2.10-3',
      distribution: 'unstable',
      binNmu: null,
    });
    expect(parseRedoLine('vim_2:9.1-1 stable/updates 2 Rebuild against libfoo2')).toEqual({
      package: 'vim',
      version: '2:9.1-1',
      distribution: 'stable/updates',
      binNmu: { number: 2, changelog: 'Rebuild against libfoo2' },
    });
  });

  it.each([
    '',
    'hello',
    'hello_2.10-3',
    'hello unstable',
    '../x_1 unstable',
    'hello_1;rm unstable',
    'hello_1 ../../etc',
    'hello_1 sid x y',
    'hello_1 sid 0 y',
    '\u0000\u001b[31m',
  ])('is refused when it is %j', (line) => {
    expect(parseRedoLine(line)).toBeNull();
  });

  it('reads what it wrote', () => {
    const entry = {
      package: 'hello',
      version: '1:2-3',
      distribution: 'sid',
      binNmu: { number: 3, changelog: 'two\nlines' },
    };
    expect(parseRedoLine(formatRedoLine(entry))).toEqual({ ...entry, binNmu: { number: 3, changelog: 'two lines' } });
  });
});

describe('the REDO file', () => {
  const hello = { package: 'hello', version: '2.10-3', distribution: 'unstable', binNmu: null };

  it('holds a package once, and keeps what an admin wrote into it', () => {
    const { paths, db } = home();
    writeFileSync(paths.redo, '# by hand\nvim_1 sid');
    expect(addToRedo(db, paths, hello)).toBe(true);
    expect(addToRedo(db, paths, hello)).toBe(false);
    expect(readFileSync(paths.redo, 'utf8')).toBe('# by hand\nvim_1 sid\nhello_2.10-3 unstable\n');
    expect(removeFromRedo(db, paths, hello)).toBe(true);
    expect(readRedo(paths).entries.map((entry) => entry.package)).toEqual(['vim']);
  });

  it('drops lines that are none, keeps the others, and says which it dropped', () => {
    const { paths, db } = home();
    writeFileSync(paths.redo, 'nonsense\nhello_2.10-3 unstable\n');
    expect(dropBadRedoLines(db, paths)).toEqual(['nonsense']);
    expect(readFileSync(paths.redo, 'utf8')).toBe('hello_2.10-3 unstable\n');
  });

  it('is empty where there is no file', () => {
    const { paths } = home();
    expect(readRedo(paths)).toEqual({ entries: [], badLines: [] });
    mkdirSync(paths.stats, { recursive: true });
  });
});
