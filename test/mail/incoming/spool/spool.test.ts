// The queue directory as node writes it: whole and marked, in order, nothing left behind.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsOf, type HomePaths } from '../../../../src/home/paths.ts';
import {
  listSpool,
  noteMailLimit,
  putBack,
  readSpooled,
  receiveMail,
  removeSpooled,
  setAside,
  storeMail,
  sweepUnfinished,
} from '../../../../src/mail/incoming/spool/spool.ts';

const now = new Date('2026-11-20T09:15:02Z');
let paths: HomePaths;

beforeEach(() => {
  paths = pathsOf(mkdtempSync(join(tmpdir(), 'sp-')));
});
afterEach(() => rmSync(paths.root, { recursive: true, force: true }));

const names = (): string[] => listSpool(paths).map(({ name }) => name);

describe('a stored mail', () => {
  it('is read back byte for byte', () => {
    storeMail(paths, Buffer.from([0, 255, 13, 10, 128]), 100, now);
    const [mail] = listSpool(paths);
    expect(mail && readSpooled(paths, mail)).toEqual(Buffer.from([0, 255, 13, 10, 128]));
  });

  it('keeps its place behind those of the same millisecond, and of a clock that went back', () => {
    const stored = [now, now, new Date(now.getTime() - 5000), now].map((at) =>
      storeMail(paths, Buffer.from('x'), 100, at),
    );
    expect(names()).toEqual(stored);
  });

  it('is not there before it is committed, and leaves nothing when it is discarded', () => {
    const receiving = receiveMail(paths, 100, now);
    receiving.write(Buffer.from('half'));
    expect(names()).toEqual([]);
    receiving.discard();
    expect(readdirSync(paths.mqueue)).toEqual([]);
  });

  it('that is too large keeps its beginning and says so', () => {
    const receiving = receiveMail(paths, 5, now);
    for (const chunk of ['abc', 'def', 'ghi']) receiving.write(Buffer.from(chunk));
    const name = receiving.commit();
    expect(listSpool(paths)).toEqual([{ name, oversize: true }]);
    expect(readFileSync(join(paths.mqueue, name), 'utf8')).toBe('abcde');
  });

  it('that cannot be written leaves nothing and throws', () => {
    writeFileSync(paths.mqueue, '');
    expect(() => storeMail(paths, Buffer.from('x'), 100, now)).toThrow();
    expect(readFileSync(paths.mqueue, 'utf8')).toBe('');
  });

  it('can be taken away twice, and read when it is gone', () => {
    storeMail(paths, Buffer.from('x'), 100, now);
    const [mail = { name: '', oversize: false }] = listSpool(paths);
    removeSpooled(paths, mail);
    removeSpooled(paths, mail);
    expect(readSpooled(paths, mail)).toBeNull();
  });

  it('that was set aside can be put back', () => {
    const name = storeMail(paths, Buffer.from('x'), 100, now);
    expect(setAside(paths, { name, oversize: false })).toBe(join(paths.mqueueFailed, name));
    expect(names()).toEqual([]);
    expect(putBack(paths, name)).toBe(true);
    expect(putBack(paths, name)).toBe(false);
    expect(names()).toEqual([name]);
  });
});

describe('the queue directory', () => {
  it('may be missing', () => {
    expect(listSpool(paths)).toEqual([]);
  });

  it('shows neither what is unfinished, nor directories, nor symbolic links', () => {
    mkdirSync(paths.mqueueFailed, { recursive: true });
    writeFileSync(join(paths.mqueue, '.1.unfinished'), '');
    writeFileSync(join(paths.root, 'secret'), '');
    symlinkSync(join(paths.root, 'secret'), join(paths.mqueue, '2'));
    writeFileSync(join(paths.mqueue, '3'), '');
    expect(names()).toEqual(['3']);
  });

  it('loses what an interrupted receiver left an hour ago, and nothing younger', () => {
    mkdirSync(paths.mqueue);
    for (const name of ['.old.unfinished', '.young.unfinished', '.lock']) writeFileSync(join(paths.mqueue, name), '');
    const longAgo = new Date(now.getTime() - 61 * 60_000);
    utimesSync(join(paths.mqueue, '.old.unfinished'), longAgo, longAgo);
    utimesSync(join(paths.mqueue, '.lock'), longAgo, longAgo);
    utimesSync(join(paths.mqueue, '.young.unfinished'), now, now);
    sweepUnfinished(paths, now);
    expect(readdirSync(paths.mqueue).sort()).toEqual(['.lock', '.young.unfinished']);
  });

  it('tells bin/buildd-mail the limit', () => {
    mkdirSync(paths.mqueue);
    noteMailLimit(paths, 4711);
    expect(readFileSync(join(paths.mqueue, '.max_mail_size'), 'utf8')).toBe('4711\n');
  });
});
