// What rendering a mail needs, and what it gives; see render.ts.
import type { BuilddConf } from '../../config/buildd-conf.ts';
import type { HomeDatabase } from '../../home/database.ts';
import type { Intent } from '../../home/intent.ts';
import type { Letter } from '../../home/letters.ts';
import type { OutboxMail } from '../../home/outbox.ts';
import type { HomePaths } from '../../home/paths.ts';

export interface RenderContext {
  readonly paths: HomePaths;
  readonly conf: BuilddConf;
  readonly db: HomeDatabase;
  /** The home's secret. */
  readonly secret: Uint8Array;
  readonly intent: Pick<Intent, 'id' | 'number'>;
  /** Why the store refused; null when it did not. */
  readonly refusal: string | null;
  readonly now: Date;
}

export interface RenderedMails {
  readonly mails: readonly OutboxMail[];
  readonly letters: readonly Letter[];
}
