// What the uploader is given: no room below it opens a store or a mail transport by itself.
import type { BuilddConf } from '../config/buildd-conf.ts';
import type { HomeDatabase } from '../home/database.ts';
import type { Intent } from '../home/intent.ts';
import type { HomePaths } from '../home/paths.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

export interface UploaderWorld {
  readonly paths: HomePaths;
  conf(): BuilddConf;
  readonly db: HomeDatabase;
  readonly clock: Clock;
  readonly log: Logger;
  carryOut(intent: Intent): Promise<'done' | 'refused' | 'open'>;
  /** Finishes what a dead process left open. */
  finishOpenIntents(): Promise<void>;
}
