// What the watcher's tasks are given. They never open a store, a mail transport or the mail processor themselves.
import type { BuilddConf } from '../config/buildd-conf.ts';
import type { HomeDatabase } from '../home/database.ts';
import type { Intent } from '../home/intent.ts';
import type { HomePaths } from '../home/paths.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

export interface WatcherWorld {
  readonly paths: HomePaths;
  conf(): BuilddConf;
  readonly db: HomeDatabase;
  readonly clock: Clock;
  readonly log: Logger;
  carryOut(intent: Intent): Promise<'done' | 'refused' | 'open'>;
  /** Program and arguments that start the daemon; null where it must not be started from here (`buildd up`). */
  readonly daemonCommand: readonly string[] | null;
  /** Processes what is in mqueue/; says how many mails that were. */
  runQueue(): Promise<number>;
}

/** One task: what it did, a line each; nothing to say, nothing done. It may throw: that ends this task only. */
export type WatcherTask = (world: WatcherWorld) => Promise<string[]>;

export const secondsPerDay = 86_400;
