// Where everything in a buildd home lies. Users and other programs know these names; they never change.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureDirectory } from '../platform/atomic-file.ts';

export interface HomePaths {
  readonly root: string;
  readonly homeDb: string;
  readonly secret: string;
  readonly gnupg: string;
  readonly build: string;
  readonly redo: string;
  readonly skip: string;
  readonly purge: string;
  readonly givenBack: string;
  /** What the builder's shutdown handling dumped: packages to build again. */
  readonly redoDumped: string;
  readonly wake: string;
  /** Held by whoever sends what is in the outbox. */
  readonly outboxLock: string;
  readonly pid: string;
  readonly logs: string;
  readonly oldLogs: string;
  readonly mqueue: string;
  readonly mqueueFailed: string;
  readonly stats: string;
  readonly daemonLog: string;
  readonly blacklist: string;
  readonly reportedOldFiles: string;
  readonly noDaemonPlease: string;
  readonly exitDaemonPlease: string;
}

/** The home that a command works on: `--home`, else `$BUILDD_HOME`, else the user's home directory. */
export function homeOf(option: string | undefined): string {
  return resolve(option ?? process.env['BUILDD_HOME'] ?? homedir());
}

/** The paths in a home; nothing is created. */
export function pathsOf(root: string): HomePaths {
  const build = join(root, 'build');
  return {
    root,
    homeDb: join(root, 'home.db'),
    secret: join(root, 'secret'),
    gnupg: join(root, 'gnupg'),
    build,
    redo: join(build, 'REDO'),
    skip: join(build, 'SKIP'),
    purge: join(build, 'PURGE'),
    givenBack: join(build, 'SBUILD-GIVEN-BACK'),
    redoDumped: join(build, 'SBUILD-REDO-DUMPED'),
    wake: join(build, 'wake'),
    outboxLock: join(root, 'outbox.lock'),
    pid: join(build, 'buildd.pid'),
    logs: join(root, 'logs'),
    oldLogs: join(root, 'old-logs'),
    mqueue: join(root, 'mqueue'),
    mqueueFailed: join(root, 'mqueue', 'failed'),
    stats: join(root, 'stats'),
    daemonLog: join(root, 'daemon.log'),
    blacklist: join(root, 'mail-blacklist'),
    reportedOldFiles: join(root, 'reported-old-files'),
    noDaemonPlease: join(root, 'NO-DAEMON-PLEASE'),
    exitDaemonPlease: join(root, 'EXIT-DAEMON-PLEASE'),
  };
}

/** Creates the directories of a home that are missing. */
export function ensureHomeDirectories(paths: HomePaths): void {
  for (const path of [paths.build, paths.logs, paths.oldLogs, paths.mqueue, paths.mqueueFailed, paths.stats]) {
    ensureDirectory(path);
  }
  ensureDirectory(paths.gnupg, 0o700);
}
