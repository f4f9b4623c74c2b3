// Wires the rooms together for a command: configuration, home.db, the store, mail out. Every command that acts
// opens its world here, so that all of them treat intents and mail alike.
import { loadBuilddConf, loadWannaBuildConf } from '../config/load.ts';
import type { BuilddConf } from '../config/buildd-conf.ts';
import { carryOutIntent } from '../home/carry-out.ts';
import { lostHomeDatabase, openHomeDatabase, type HomeDatabase } from '../home/database.ts';
import { adoptOpenIntents, type Intent } from '../home/intent.ts';
import { ensureHomeDirectories, pathsOf, type HomePaths } from '../home/paths.ts';
import { readOrMakeSecret } from '../home/secret.ts';
import { noteMailLimit } from '../mail/incoming/spool/spool.ts';
import { renderMail } from '../mail/outgoing/render.ts';
import { sendOutbox } from '../mail/outgoing/send-outbox.ts';
import { transportOf } from '../mail/outgoing/transport.ts';
import { hideTokens } from '../mail/token.ts';
import { systemClock, type Clock } from '../platform/clock.ts';
import { TemporaryError, messageOf, systemCodeOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { WannaBuildClient } from '../wanna-build/client.ts';
import { lazyClient } from '../wanna-build/lazy-client.ts';
import { openLocalClient } from '../wanna-build/local-client.ts';

export interface Ports {
  readonly paths: HomePaths;
  /** The configuration now; a daemon replaces it when a file of it changed. */
  conf(): BuilddConf;
  setConf(conf: BuilddConf): void;
  readonly db: HomeDatabase;
  readonly secret: Buffer;
  readonly store: WannaBuildClient;
  readonly clock: Clock;
  readonly log: Logger;
  carryOut(intent: Intent): Promise<'done' | 'refused' | 'open'>;
  /** Finishes the intents that a dead process (or this one, by number) left open. */
  finishOpenIntents(mine?: ReadonlySet<number>): Promise<void>;
  /** Hands over the mails that are due; returns when the next one is, null when none waits. */
  sendMail(): Promise<Date | null>;
  close(): Promise<void>;
}

/**
 * Opens a home for a command that acts. Directories that are missing are made.
 * @param storeOpens `when-used` for commands that mostly have nothing to ask it: they start faster, and work (reports
 * wait) while the store is away.
 * @throws ConfigurationError, UnavailableError (store or home.db), TemporaryError (no space, not writable).
 */
export async function openPorts(
  home: string,
  log: Logger,
  clock: Clock = systemClock,
  storeOpens: 'at-once' | 'when-used' = 'at-once',
): Promise<Ports> {
  let conf = loadBuilddConf(home);
  const paths = pathsOf(home);
  prepareHome(paths);
  const lost = lostHomeDatabase(paths);
  const db = openHomeDatabase(paths.homeDb);
  if (lost !== null) log.log(lost);
  const secret = readOrMakeSecret(paths.secret);
  const wannaBuildConf = loadWannaBuildConf(home);
  const tokenless = withoutTokens(log);
  const openStore = (): Promise<WannaBuildClient> =>
    openLocalClient({ home, conf: wannaBuildConf, warn: (line) => tokenless.log(`warning: ${line}`) });
  const store =
    storeOpens === 'when-used' ? lazyClient(openStore, (reason) => tokenless.log(reason)) : await openStore();
  noteLimit(conf, paths, tokenless);
  const carryOut = (intent: Intent): Promise<'done' | 'refused' | 'open'> =>
    carryOutIntent(intent, {
      paths,
      db,
      store,
      render: (request, of, refusal) =>
        renderMail(request, { paths, conf, db, secret, intent: of, refusal, now: clock.now() }),
      now: () => clock.now(),
    });
  return {
    paths,
    conf: () => conf,
    setConf: (changed) => {
      conf = changed;
      noteLimit(conf, paths, tokenless);
    },
    db,
    secret,
    store,
    clock,
    log: tokenless,
    carryOut,
    finishOpenIntents: async (mine) => {
      for (const intent of adoptOpenIntents(db, mine)) tokenless.log(await finish(intent, carryOut));
    },
    sendMail: async () =>
      (await sendOutbox(db, transportOf(conf.mail.transport, { home: paths.root }), clock, tokenless, paths)).next,
    close: async () => {
      await store.close();
      db.close();
    },
  };
}

// What ends in an error stays open; those after it have nothing to do with it.
const finish = async (intent: Intent, carryOut: Ports['carryOut']): Promise<string> => {
  try {
    const end = await carryOut(intent);
    if (end === 'open') return `cannot finish yet: ${intent.what}`;
    return `finished: ${intent.what}${end === 'refused' ? ' (refused)' : ''}`;
  } catch (error) {
    return `cannot finish yet: ${intent.what}: ${messageOf(error)}`;
  }
};

const withoutTokens = (log: Logger): Logger => ({ ...log, log: (line) => log.log(hideTokens(line)) });

// bin/buildd-mail takes the limit from there; without it, it has its own.
const noteLimit = ({ mail }: BuilddConf, paths: HomePaths, log: Logger): void => {
  try {
    noteMailLimit(paths, mail.max_mail_size);
  } catch (error) {
    log.log(`max_mail_size cannot be noted in ${paths.mqueue}: ${messageOf(error)}`);
  }
};

/** Makes the directories of a home that are missing. @throws TemporaryError where that cannot be done. */
export function prepareHome(paths: HomePaths): void {
  try {
    ensureHomeDirectories(paths);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    throw new TemporaryError(
      `${paths.root}: the home's directories cannot be made (${messageOf(error)}); see that this user can write there`,
    );
  }
}
