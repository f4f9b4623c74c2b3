// What the daemon is given: its home, the store, builders, mail. It opens none of them itself.
import type { BuilddConf } from '../config/buildd-conf.ts';
import type { Builder } from '../builder/builder.ts';
import type { HomeDatabase } from '../home/database.ts';
import type { Intent } from '../home/intent.ts';
import type { HomePaths } from '../home/paths.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { WannaBuildClient } from '../wanna-build/client.ts';

export interface DaemonWorld {
  readonly paths: HomePaths;
  readonly db: HomeDatabase;
  readonly store: WannaBuildClient;
  readonly clock: Clock;
  readonly log: Logger;
  conf(): BuilddConf;
  setConf(conf: BuilddConf): void;
  /** Reads the configuration again. @throws ConfigurationError */
  readConf(): BuilddConf;
  builder(conf: BuilddConf): Builder;
  carryOut(intent: Intent): Promise<'done' | 'refused' | 'open'>;
  /** Finishes open intents of dead processes, and those of this one that are named. */
  finishOpenIntents(mine?: ReadonlySet<number>): Promise<void>;
  /** Hands over due mails; when the next is due, or null. */
  sendMail(): Promise<Date | null>;
  /** Identity of the program's files on disk; another value means that it was replaced. */
  programStamp(): string;
}
