// A home in which the daemon builds: real configuration, store and home.db, and a command builder whose builds a test
// holds, lets go and has end as it likes.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { builderFor } from '../../src/builder/select.ts';
import { openPorts, type Ports } from '../../src/cli/ports.ts';
import { loadBuilddConf } from '../../src/config/load.ts';
import { createControl, type Control } from '../../src/daemon/control.ts';
import { runLoop } from '../../src/daemon/loop.ts';
import type { End } from '../../src/daemon/run-state.ts';
import { watchHome } from '../../src/daemon/signals.ts';
import type { DaemonWorld } from '../../src/daemon/world.ts';
import { ensureHomeDirectories, pathsOf, type HomePaths } from '../../src/home/paths.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import { apply } from '../../src/wanna-build/apply.ts';
import type { PackageRecord, TransactionRow } from '../../src/wanna-build/record.ts';
import { transactionsOf } from '../../src/wanna-build/store/history.ts';
import { openStore } from '../../src/wanna-build/store/open.ts';
import { findPackage } from '../../src/wanna-build/store/packages.ts';
import type { TransitionEvent } from '../../src/wanna-build/transition.ts';
import { leaveChanges } from './leave-changes.ts';
import { fieldOf, textOf } from './outgoing-world.ts';
import { temporaryDirectory } from './temporary.ts';
import { until } from './until.ts';

const architecture = 'amd64';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface DaemonHome {
  readonly root: string;
  readonly paths: HomePaths;
  /** Puts packages into the store, in this order; `NAME`, or `NAME_VERSION`. */
  add(distribution: string, ...nameVersions: string[]): Promise<void>;
  /** Does anything else to a package in the store, by hand. */
  event(distribution: string, name: string, event: TransitionEvent, user?: string): Promise<void>;
  record(name: string, distribution?: string): Promise<PackageRecord | null>;
  state(name: string, distribution?: string): Promise<string | null>;
  transactions(name: string, distribution?: string): Promise<TransactionRow[]>;
  /** The builds of these packages do not end before release(). */
  hold(...names: string[]): void;
  release(...names: string[]): void;
  /** The builds of a package end with this code. */
  exitWith(name: string, code: number): void;
  /** `NAME_VERSION DIST` of every build that was begun, in order; a binNMU's version has its +bN. */
  begun(): string[];
  untilBegun(nameVersion: string): Promise<void>;
  /** `NAME_VERSION` of every build that was told to stop. */
  stopped(): string[];
  /** Changes the store behind everybody's back, by SQL. */
  inStoreFile(sql: string): void;
  /** A file of the home, empty where there is none. */
  read(path: string): string;
  write(path: string, text: string): void;
  /** What the mail directory holds, oldest first. */
  mails(): Mail[];
  untilMailed(subject: RegExp): Promise<Mail>;
  /** Replaces the configuration: keys in front of the tables. */
  configure(keys: string): void;
}

const builderScript = (root: string): string => `#!/bin/sh
trap 'echo "$1_$2" >> "${root}/stopped"; exit 2' TERM
echo "building $1 for a test"
echo "$1_$2 $3" >> "${root}/begun"
while [ -e "${root}/hold/$1" ]; do sleep 0.05; done
[ ! -e "${root}/exit/$1" ] || exit "$(cat "${root}/exit/$1")"
${leaveChanges(architecture)}`;

const confText = (root: string, keys: string): string => `admin_mail = "admin@example.org"
idle_sleep_time = 300
min_free_space = 0
nice_level = 0
${keys}
[builder.command]
build = ["${root}/build.sh", "%p", "%v", "%d"]
[[distributions]]
dist_name = ["stable", "sid"]
built_architecture = "${architecture}"
wanna_build_db_user = "builder"
[[upload_queues]]
program = "copy"
target = "incoming"
[auth]
admin_addresses = ["admin@example.org"]
[mail]
address = "buildd@example.org"
transport = "dir:sent"
`;

/** Makes a home, gone after the test file. */
export function daemonHome(keys = '', root = temporaryDirectory('dh')): DaemonHome {
  for (const name of ['hold', 'exit']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'build.sh'), builderScript(root), { mode: 0o755 });
  writeFileSync(join(root, 'buildd.conf'), confText(root, keys));
  const paths = pathsOf(root);
  ensureHomeDirectories(paths);
  const read = (path: string): string => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');
  const lines = (path: string): string[] =>
    read(path)
      .split('\n')
      .filter((line) => line !== '');
  const mails = (): Mail[] => mailsIn(join(root, 'sent'));
  const home: DaemonHome = {
    root,
    paths,
    add: async (distribution, ...nameVersions) => {
      for (const one of nameVersions) {
        const [name = '', version = '1.0'] = one.split('_');
        const source = {
          version,
          section: 'misc',
          priority: 'optional',
          component: 'main',
          notes: 'uncompiled',
          source_path: null,
        };
        await home.event(distribution, name, { kind: 'add', source });
      }
    },
    event: (distribution, name, event, user = 'builder') =>
      happen(root, { package: name, distribution, architecture }, event, user),
    record: (name, distribution = 'sid') => readRecord(root, name, distribution),
    state: async (name, distribution = 'sid') => (await readRecord(root, name, distribution))?.state ?? null,
    transactions: (name, distribution = 'sid') =>
      inStore(root, (store) => store.read((db) => transactionsOf(db, { package: name, distribution, architecture }))),
    hold: (...names) => names.forEach((name) => writeFileSync(join(root, 'hold', name), '')),
    release: (...names) => names.forEach((name) => rmSync(join(root, 'hold', name), { force: true })),
    exitWith: (name, code) => writeFileSync(join(root, 'exit', name), String(code)),
    begun: () => lines('begun'),
    untilBegun: async (nameVersion) => {
      await until(`a build of ${nameVersion}; the log: ${read('daemon.log')}`, 20, () =>
        lines('begun').some((line) => line.startsWith(`${nameVersion} `)) ? true : null,
      );
    },
    stopped: () => lines('stopped'),
    inStoreFile: (sql) => {
      const store = new Database(join(root, 'wanna-build.db'));
      store.pragma('busy_timeout = 10000');
      store.exec(sql);
      store.close();
    },
    read,
    write: (path, text) => writeFileSync(join(root, path), text),
    mails,
    untilMailed: (subject) =>
      until(`a mail ${String(subject)}`, 20, () => mails().find((mail) => subject.test(mail.subject)) ?? null),
    configure: (more) => writeFileSync(join(root, 'buildd.conf'), confText(root, more)),
  };
  return home;
}

const mailsIn = (directory: string): Mail[] => {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => !name.startsWith('.'));
  return names.sort().map((name) => {
    const raw = Buffer.from(readFileSync(join(directory, name), 'latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
    return { to: fieldOf(raw, 'To') ?? '', subject: fieldOf(raw, 'Subject') ?? '', text: textOf(raw) };
  });
};

type Store = Awaited<ReturnType<typeof openStore>>;

const inStore = async <T>(root: string, fn: (store: Store) => Promise<T>): Promise<T> => {
  const store = await openStore('sqlite:wanna-build.db', root);
  try {
    return await fn(store);
  } finally {
    await store.close();
  }
};

const readRecord = (root: string, name: string, distribution: string): Promise<PackageRecord | null> =>
  inStore(root, (store) =>
    store.read(async (db) => (await findPackage(db, { package: name, distribution, architecture }))?.record ?? null),
  );

const happen = async (
  root: string,
  key: { readonly package: string; readonly distribution: string; readonly architecture: string },
  event: TransitionEvent,
  user: string,
): Promise<void> => {
  const context = {
    key,
    time: new Date(),
    user,
    realUser: 'tester',
    override: false,
    adjustments: {},
    claim: null,
    intent: null,
    queue: 'Needs-Build',
  } as const;
  const outcome = await inStore(root, (store) => store.write((db) => apply(db, event, context)));
  if (outcome.kind === 'refused') throw new Error(`${event.kind} of ${key.package}: ${outcome.reason}`);
};

export interface RunningLoop {
  readonly ports: Ports;
  readonly control: Control;
  readonly logged: readonly string[];
  readonly ended: Promise<End>;
  /** Waits for a line in the log. */
  untilLogged(line: RegExp): Promise<string>;
  /** Stops it as TERM does, and closes everything. */
  stop(): Promise<End>;
}

const running: RunningLoop[] = [];

/** Runs the loop in this process, with what a test puts in place of the real thing. */
export async function startLoop(
  home: DaemonHome,
  change: (world: DaemonWorld) => Partial<DaemonWorld> = () => ({}),
  clock: Clock = systemClock,
): Promise<RunningLoop> {
  const logged: string[] = [];
  const log = { log: (line: string) => void logged.push(line), reopen: () => undefined };
  const ports = await openPorts(home.root, log, clock);
  const control = createControl((seconds, signal) => clock.sleep(seconds, signal));
  const world: DaemonWorld = {
    ...ports,
    readConf: () => loadBuilddConf(home.root),
    builder: (conf) => builderFor(conf, { killAfter: 2 }),
    programStamp: () => 'the same',
  };
  const stopWatching = watchHome(home.paths, control, log);
  const ended = runLoop({ ...world, ...change(world) }, control);
  // Looked at when it is stopped.
  ended.catch(() => undefined);
  const loop: RunningLoop = {
    ports,
    control,
    logged,
    ended,
    untilLogged: (line) =>
      until(
        `${String(line)} in the log:\n${logged.join('\n')}`,
        20,
        () => logged.find((one) => line.test(one)) ?? null,
      ),
    stop: async () => {
      running.splice(running.indexOf(loop), 1);
      control.stop();
      try {
        return await ended;
      } finally {
        stopWatching();
        await ports.close();
      }
    },
  };
  running.push(loop);
  return loop;
}

/** Stops what a failed test left running. */
export async function stopLoops(): Promise<void> {
  for (const loop of [...running]) await loop.stop();
}
