import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHomeDatabase } from '../../../../src/home/database.ts';
import { pathsOf } from '../../../../src/home/paths.ts';
import {
  blacklistLine,
  isBlacklisted,
  parseBlacklist,
} from '../../../../src/mail/incoming/classify/blacklist-lines.ts';
import { addToBlacklist, readBlacklist } from '../../../../src/mail/incoming/classify/blacklist.ts';
import { incomingContext } from '../../../support/incoming-mail.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

const { auth } = incomingContext().conf;
const home = () => {
  const paths = pathsOf(temporaryDirectory());
  return { paths, db: openHomeDatabase(paths.homeDb) };
};

describe('mail-blacklist', () => {
  it('is a regular expression a line; comments and what is none match nobody', () => {
    const list = parseBlacklist('# spam\n\n@spam\\.example\\.org$\n(\n^x\\-y@example\\.org$\n');
    expect(isBlacklisted(list, 'A@SPAM.example.org')).toBe(true);
    expect(isBlacklisted(list, 'x-y@example.org')).toBe(true);
    expect(isBlacklisted(list, 'admin@example.org')).toBe(false);
  });

  it('line for an address matches that address alone', () => {
    const list = parseBlacklist(blacklistLine('a.b+c@example.org'));
    expect(isBlacklisted(list, 'a.b+c@example.org')).toBe(true);
    for (const other of ['aab+c@example.org', 'a.bbc@example.org', 'xa.b+c@example.org', 'a.b+c@example.org.net']) {
      expect(isBlacklisted(list, other), other).toBe(false);
    }
  });

  it('gets an address once, behind what stands in it by hand', () => {
    const { paths, db } = home();
    writeFileSync(paths.blacklist, '@spam$');
    expect(addToBlacklist(db, paths, 'x@example.org', auth)).toBeNull();
    expect(addToBlacklist(db, paths, 'x@example.org', auth)).toBeNull();
    expect(readFileSync(paths.blacklist, 'utf8')).toBe(`@spam$\n${blacklistLine('x@example.org')}\n`);
    expect(readBlacklist(paths)).toHaveLength(2);
  });

  it('never gets an admin, and is empty where there is no file', () => {
    const { paths, db } = home();
    expect(addToBlacklist(db, paths, 'admin@example.org', auth)).toContain('cannot be blacklisted');
    expect(readBlacklist(paths)).toEqual([]);
    expect(() => readFileSync(join(paths.root, 'mail-blacklist'))).toThrow('ENOENT');
  });
});
