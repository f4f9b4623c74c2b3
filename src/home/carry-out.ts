// Carries an intent out: its effects in order, then its end and its mails in one transaction. Calling it again after
// a crash at any instruction continues where it stopped, because every effect done twice is as done once.
import { join } from 'node:path';
import { assertNever, DataError, UnavailableError } from '../platform/errors.ts';
import { isFileName } from '../debian/names.ts';
import { hasBegunSince } from './builds.ts';
import type { HomeDatabase } from './database.ts';
import type { Effect } from './effect.ts';
import { addGivenBack } from './given-back.ts';
import { closeIntent, type Intent } from './intent.ts';
import { insertLetter, reopenLetters, reviveLetters, type Letter } from './letters.ts';
import type { MailRequest } from './mail-request.ts';
import { enqueue, type OutboxMail } from './outbox.ts';
import type { HomePaths } from './paths.ts';
import { addToPurge } from './purge.ts';
import { addToRedo, removeFromRedo } from './redo.ts';
import { queueResults, removeResults, removeUpload } from './results.ts';
import { addToSkip } from './skip.ts';
import type { StorePort } from './store-port.ts';
import { stopWaiting } from './waiting.ts';
import { wakeDaemon } from './wake.ts';

export interface RenderedMail {
  readonly mails: readonly OutboxMail[];
  readonly letters: readonly Letter[];
}

export interface CarryOutPorts {
  readonly paths: HomePaths;
  readonly db: HomeDatabase;
  readonly store: StorePort;
  /** Writes the mail that a request asks for; the same request of the same intent gives the same Message-IDs. */
  render(request: MailRequest, intent: Intent, refusal: string | null): Promise<RenderedMail>;
  now(): Date;
}

/**
 * Carries out one intent of this process.
 * @returns done; refused (the store or a file said no: the refusal mails are in the outbox); open (the store is
 * away: try again later, nothing is lost).
 */
export async function carryOutIntent(intent: Intent, ports: CarryOutPorts): Promise<'done' | 'refused' | 'open'> {
  let refusal: string | null = null;
  try {
    for (const effect of intent.effects) {
      refusal = await carryOut(effect, intent, ports);
      if (refusal !== null) break;
    }
  } catch (error) {
    if (error instanceof UnavailableError) return 'open';
    if (!(error instanceof DataError)) throw error;
    refusal = error.message;
  }
  const requests = refusal === null ? intent.mails : intent.refusalMails;
  const rendered: RenderedMail[] = [];
  for (const request of requests) rendered.push(await ports.render(request, intent, refusal));
  ports.db.exclusively(() => {
    if (!closeIntent(ports.db, intent, refusal, ports.now())) return;
    // Nothing was accepted: the same mail may be answered again.
    if (refusal !== null) reviveLetters(ports.db, intent.number);
    for (const { mails, letters } of rendered) {
      for (const letter of letters) insertLetter(ports.db, letter);
      for (const mail of mails) enqueue(ports.db, mail, ports.now());
    }
  });
  return refusal === null ? 'done' : 'refused';
}

// Null, or the refusal.
const carryOut = async (effect: Effect, intent: Intent, ports: CarryOutPorts): Promise<string | null> => {
  const { db, paths } = ports;
  switch (effect.kind) {
    case 'store': {
      const answer = await ports.store.report(effect.report, intent.id);
      return answer.kind === 'refused' ? answer.reason : null;
    }
    case 'redo-add':
      // Found open after a crash, but the daemon has taken the line up meanwhile: once is enough.
      if (hasBegunSince(db, effect, intent.created)) return null;
      addToRedo(db, paths, effect);
      wakeDaemon(paths.root, ports.now());
      return null;
    case 'redo-remove':
      removeFromRedo(db, paths, effect);
      return null;
    case 'skip-add':
      addToSkip(db, paths, effect);
      return null;
    case 'given-back':
      addGivenBack(db, paths, { package: effect.package, version: effect.version, at: new Date(effect.at) });
      return null;
    case 'purge-results':
      // Results that a later build made are not the ones that were meant.
      if (intent.subject !== null && hasBegunSince(db, intent.subject, intent.created)) return null;
      removeResults(paths.build, effect.package, effect.version, effect.architecture);
      return null;
    case 'purge-directory':
      addToPurge(db, paths, effect.name);
      return null;
    case 'queue':
      queueResults(
        paths.build,
        effect.queues.map((queue) => queueDirectory(paths, queue)),
        effect.files,
        effect.changes,
      );
      return null;
    case 'unqueue':
      for (const queue of effect.queues) removeUpload(queueDirectory(paths, queue), effect.changes);
      return null;
    case 'reopen-letters':
      reopenLetters(db, effect.build, intent.number);
      return null;
    case 'stop-waiting':
      stopWaiting(db, effect);
      return null;
    default:
      return assertNever(effect);
  }
};

/** The path of a queue directory of this home. @throws DataError when the name is none. */
export function queueDirectory(paths: HomePaths, queue: string): string {
  if (!isFileName(queue)) throw new DataError(`"${queue}" is not the name of a queue directory`);
  return join(paths.root, queue);
}
