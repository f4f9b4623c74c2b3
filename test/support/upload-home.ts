// A buildd home for tests of the uploader and the watcher: real configuration, home.db and store in a temporary
// directory; the notices that would be mailed are kept for the test to read.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBuilddConf, loadWannaBuildConf } from '../../src/config/load.ts';
import type { BuilddConf } from '../../src/config/buildd-conf.ts';
import { carryOutIntent } from '../../src/home/carry-out.ts';
import { openHomeDatabase, type HomeDatabase } from '../../src/home/database.ts';
import { adoptOpenIntents, type Intent } from '../../src/home/intent.ts';
import { ensureHomeDirectories, pathsOf, type HomePaths } from '../../src/home/paths.ts';
import { UnavailableError } from '../../src/platform/errors.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { Logger } from '../../src/platform/logger.ts';
import type { WannaBuildClient } from '../../src/wanna-build/client.ts';
import { apply } from '../../src/wanna-build/apply.ts';
import { openLocalClient } from '../../src/wanna-build/local-client.ts';
import { transactionsOf } from '../../src/wanna-build/store/history.ts';
import { openStore } from '../../src/wanna-build/store/open.ts';

export interface Notice {
  readonly subject: string;
  readonly text: string;
  readonly refusal: string | null;
}

export interface UploadHome {
  readonly paths: HomePaths;
  readonly db: HomeDatabase;
  readonly store: WannaBuildClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly logged: readonly string[];
  readonly notices: readonly Notice[];
  conf(): BuilddConf;
  carryOut(intent: Intent): Promise<'done' | 'refused' | 'open'>;
  finishOpenIntents(): Promise<void>;
  /** The time that the home sees; the real one until it is set. */
  setTime(at: Date): void;
  /** The store answers nothing while it is away. */
  setStoreAway(state: 'away' | 'back'): void;
  close(): Promise<void>;
}

export const homeConf = `admin_mail = "admin@example.org"
[[distributions]]
dist_name = "sid"
built_architecture = "amd64"
wanna_build_db_user = "builder"
[mail]
address = "buildd@example.org"
`;

/** Makes a home; `conf` is its buildd.conf. */
export async function uploadHome(conf = homeConf, root = mkdtempSync(join(tmpdir(), 'mb-home-'))): Promise<UploadHome> {
  const paths = pathsOf(root);
  ensureHomeDirectories(paths);
  if (!existsSync(join(root, 'buildd.conf'))) writeFileSync(join(root, 'buildd.conf'), conf);
  const loaded = loadBuilddConf(root, '/nonexistent');
  const db = openHomeDatabase(paths.homeDb);
  const store = await openLocalClient({
    home: root,
    conf: loadWannaBuildConf(root, '/nonexistent'),
    realUser: 'tester',
  });
  const notices: Notice[] = [];
  const logged: string[] = [];
  let time: Date | null = null;
  let isAway = false;
  const now = (): Date => time ?? new Date();
  const carryOut = (intent: Intent): Promise<'done' | 'refused' | 'open'> =>
    carryOutIntent(intent, {
      paths,
      db,
      store: {
        report: (report, id) => {
          if (isAway) throw new UnavailableError('the store is away');
          return store.report(report, id);
        },
      },
      render: (request, _of, refusal) => {
        if (request.kind === 'notice') notices.push({ subject: request.subject, text: request.text, refusal });
        return Promise.resolve({ mails: [], letters: [] });
      },
      now,
    });
  return {
    paths,
    db,
    store,
    clock: { now, sleep: () => Promise.resolve() },
    log: { log: (text) => void logged.push(text), reopen: () => undefined },
    logged,
    notices,
    conf: () => loaded,
    carryOut,
    finishOpenIntents: async () => {
      for (const intent of adoptOpenIntents(db)) await carryOut(intent);
    },
    setTime: (at) => void (time = at),
    setStoreAway: (state) => void (isAway = state === 'away'),
    close: async () => {
      await store.close();
      db.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const sum = (algorithm: string, content: string): string => createHash(algorithm).update(content).digest('hex');

interface WrittenUpload {
  readonly source?: string;
  readonly version?: string;
  readonly architecture?: string;
  readonly distribution?: string;
  /** Content by file name; the .changes names them with right checksums. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The text of a .changes for files. */
export function changesText(what: WrittenUpload): string {
  const { source = 'greet', version = '1.0', architecture = 'amd64', distribution = 'sid' } = what;
  const files = Object.entries(filesOf(what));
  const list = (line: (name: string, content: string) => string): string =>
    files.map(([name, content]) => `\n ${line(name, content)}`).join('');
  return `Format: 1.8
Date: Sun, 01 Nov 2026 12:00:00 +0000
Source: ${source}
Binary: ${source}
Architecture: ${architecture}
Version: ${version}
Distribution: ${distribution}
Urgency: medium
Maintainer: Example Builder <builder@example.org>
Changed-By: Example Builder <builder@example.org>
Description:
 ${source} - test
Changes:
 ${source} (${version}) ${distribution}; urgency=medium
 .
   * Test.
Checksums-Sha1:${list((name, content) => `${sum('sha1', content)} ${content.length} ${name}`)}
Checksums-Sha256:${list((name, content) => `${sum('sha256', content)} ${content.length} ${name}`)}
Files:${list((name, content) => `${sum('md5', content)} ${content.length} misc optional ${name}`)}
`;
}

const filesOf = (what: WrittenUpload): Readonly<Record<string, string>> =>
  what.files ?? {
    [`${what.source ?? 'greet'}_${what.version ?? '1.0'}_amd64.deb`]: `the binary package ${what.version ?? '1.0'}`,
  };

/** Puts an upload into a directory; returns the name of its .changes. */
export function putUpload(directory: string, what: WrittenUpload = {}): string {
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(filesOf(what))) writeFileSync(join(directory, name), content);
  const changes = `${what.source ?? 'greet'}_${what.version ?? '1.0'}_${what.architecture ?? 'amd64'}.changes`;
  writeFileSync(join(directory, changes), changesText(what));
  return changes;
}

/** What lies in a directory, sorted. */
export const namesIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory).sort() : []);

/** The files of a directory with their content. */
export const contentIn = (directory: string): Record<string, string> =>
  Object.fromEntries(namesIn(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));

/** Registers a package in the home's store and takes it to Built for the builder; returns its claim. */
export async function addBuilt(
  home: UploadHome,
  name = 'greet',
  version = '1.0',
  distribution = 'sid',
): Promise<number> {
  const architecture = 'amd64';
  const conf = loadWannaBuildConf(home.paths.root, '/nonexistent');
  const store = await openStore(conf.store, home.paths.root);
  const source = {
    version,
    section: 'misc',
    priority: 'optional',
    component: 'main',
    notes: 'uncompiled',
    source_path: null,
  };
  await store.write((db) =>
    apply(
      db,
      { kind: 'add', source },
      {
        key: { package: name, distribution, architecture },
        time: new Date(),
        user: 'builder',
        realUser: 'tester',
        override: false,
        adjustments: {},
        claim: null,
        intent: null,
        queue: 'Needs-Build',
      },
    ),
  );
  await store.close();
  const [reply] = await home.store.take([`${name}_${version}`], distribution, architecture, 'builder');
  if (reply?.status !== 'ok') throw new Error(`not taken: ${JSON.stringify(reply)}`);
  const report = {
    action: 'built',
    package: name,
    version,
    distribution,
    architecture,
    user: 'builder',
    claim: null,
    message: null,
    buildPriority: null,
  } as const;
  await home.store.report(report, `test-${name}-${version}-${distribution}`);
  return reply.claim ?? 0;
}

/** The actions of a package's transaction log in the home's store, oldest first. */
export async function actionsOf(home: UploadHome, name = 'greet', distribution = 'sid'): Promise<string[]> {
  const store = await openStore(loadWannaBuildConf(home.paths.root, '/nonexistent').store, home.paths.root);
  const rows = await store.read((db) => transactionsOf(db, { package: name, distribution, architecture: 'amd64' }));
  await store.close();
  return rows.map((row) => row.action);
}
