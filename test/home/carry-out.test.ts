import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { beginBuild } from '../../src/home/builds.ts';
import { carryOutIntent } from '../../src/home/carry-out.ts';
import { openHomeDatabase } from '../../src/home/database.ts';
import type { Effect } from '../../src/home/effect.ts';
import { openIntent } from '../../src/home/intent.ts';
import { ensureHomeDirectories, pathsOf } from '../../src/home/paths.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { changesText } from '../support/upload-home.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 20, 10, 0, second));
const subject = { package: 'greet', version: '1.0', distribution: 'sid', architecture: 'amd64', claim: 1 };
const purge: Effect = { kind: 'purge-results', package: 'greet', version: '1.0', architecture: 'amd64' };

it.each([
  ['deletes the results that were meant, found open again after a crash', 1, false],
  ['leaves the results of a build that began after the answer', 3, true],
])('a purge %s', async (_what, begun, isKept) => {
  const paths = pathsOf(temporaryDirectory());
  ensureHomeDirectories(paths);
  const db = openHomeDatabase(paths.homeDb);
  const file = join(paths.build, 'greet_1.0_amd64.changes');
  writeFileSync(file, changesText({}));
  const take = { mailLogs: null, suppressSuccessfulLogs: false };
  beginBuild(db, { ...subject, builderUser: 'builder', binNmu: null, take }, at(begun));
  const intent = openIntent(db, { what: 'purge', subject, effects: [purge], mails: [], refusalMails: [] }, at(2));
  const ended = await carryOutIntent(intent, {
    paths,
    db,
    store: { report: () => Promise.reject(new Error('not asked')) },
    render: () => Promise.reject(new Error('no mail')),
    now: () => at(4),
  });
  expect(ended).toBe('done');
  expect(existsSync(file)).toBe(isKept);
  db.close();
});
