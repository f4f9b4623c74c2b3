// Works the queue off: one processor at a time, in order of arrival, a mail gone only when what it causes is
// committed. Must survive any mail, and never let one lie because another processor held the lock.
import { join } from 'node:path';
import type { HomeDatabase } from '../../../home/database.ts';
import type { HomePaths } from '../../../home/paths.ts';
import { forgetStarts, noteStart, takeStartBack } from '../../../home/received-mails.ts';
import type { Clock } from '../../../platform/clock.ts';
import { exitCodeOf } from '../../../platform/command-line.ts';
import { ConfigurationError, messageOf, systemCodeOf, UnavailableError } from '../../../platform/errors.ts';
import { exitCode } from '../../../platform/exit-codes.ts';
import { ensureDirectory } from '../../../platform/atomic-file.ts';
import { tryLock } from '../../../platform/lock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { listSpool, readSpooled, removeSpooled, setAside, sweepUnfinished, type SpooledMail } from './spool.ts';

export interface QueuePorts {
  readonly paths: HomePaths;
  readonly db: HomeDatabase;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * Does what the mail says; returns after its intents are committed. Doing it again with the same mail has no effect.
   * @throws UnavailableError, TemporaryError when something it needs is away: the mail stays first in the queue.
   */
  act(raw: Buffer, mail: SpooledMail): Promise<void>;
  /** Tells the admin of a mail that was set aside; committed when it returns. */
  reportFailed(path: string, reason: string): Promise<void>;
  /** Finishes what a processor before this one began. */
  finishOpenIntents(): Promise<void>;
}

export interface QueueRun {
  /** `held`: another processor works; it will see every mail that was there when this one looked. */
  readonly end: 'empty' | 'held' | 'postponed';
  readonly processed: number;
}

/** After so many starts without an end a mail is set aside. */
const maxStarts = 3;

/** Processes everything that is queued. Never rejects for what is in a mail. */
export async function runQueue(ports: QueuePorts): Promise<QueueRun> {
  ensureDirectory(ports.paths.mqueue);
  let processed = 0;
  do {
    const taken = tryLock(join(ports.paths.mqueue, '.lock'));
    if (taken.kind === 'held') return { end: 'held', processed };
    try {
      const drained = await drain(ports);
      processed += drained.processed;
      if (drained.postponed) return { end: 'postponed', processed };
    } finally {
      taken.lock.release();
    }
    // Who stored a mail after our last look found the lock held and went away: look again without it.
  } while (listSpool(ports.paths).length > 0);
  return { end: 'empty', processed };
}

const drain = async (ports: QueuePorts): Promise<{ readonly processed: number; readonly postponed: boolean }> => {
  sweepUnfinished(ports.paths, ports.clock.now());
  await finishWhatIsOpen(ports);
  let processed = 0;
  for (let mails = listSpool(ports.paths); mails.length > 0; mails = listSpool(ports.paths)) {
    for (const mail of mails) {
      const end = await processOne(mail, ports);
      if (end === 'postponed') return { processed, postponed: true };
      if (end === 'done') processed += 1;
    }
  }
  return { processed, postponed: false };
};

// What an earlier mail could not finish must not keep the mails after it waiting.
const finishWhatIsOpen = async (ports: QueuePorts): Promise<void> => {
  try {
    await ports.finishOpenIntents();
  } catch (error) {
    ports.log.log(`mail queue: an open intent cannot be finished: ${messageOf(error)}`);
  }
};

const processOne = async (mail: SpooledMail, ports: QueuePorts): Promise<'done' | 'failed' | 'postponed'> => {
  const { paths, db, log } = ports;
  const starts = noteStart(db, mail.name);
  if (starts > maxStarts) {
    await giveUp(mail, `the processor was ended ${maxStarts} times while it worked on it`, ports);
    return 'done';
  }
  try {
    const raw = readSpooled(paths, mail);
    if (raw !== null) await ports.act(raw, mail);
  } catch (error) {
    if (isPassing(error)) {
      takeStartBack(db, mail.name);
      log.log(`mail ${mail.name}: postponed: ${messageOf(error)}`);
      return 'postponed';
    }
    log.log(`mail ${mail.name}: attempt ${starts} failed: ${messageOf(error)}`);
    if (starts < maxStarts) return 'failed';
    await giveUp(mail, messageOf(error), ports);
    return 'done';
  }
  removeSpooled(paths, mail);
  forgetStarts(db, mail.name);
  return 'done';
};

// What is no fault of the mail: it stays first in the queue until that is over.
const isPassing = (error: unknown): boolean =>
  error instanceof UnavailableError ||
  error instanceof ConfigurationError ||
  exitCodeOf(error) === exitCode.temporary ||
  /^SQLITE_(?:FULL|BUSY|LOCKED|IOERR|READONLY|CANTOPEN)/.test(systemCodeOf(error) ?? '');

const giveUp = async (mail: SpooledMail, reason: string, ports: QueuePorts): Promise<void> => {
  // The report first: after a crash between the two the admin hears it twice, never not at all.
  await ports.reportFailed(join(ports.paths.mqueueFailed, mail.name), reason);
  setAside(ports.paths, mail);
  forgetStarts(ports.db, mail.name);
  ports.log.log(`mail ${mail.name}: moved to ${ports.paths.mqueueFailed}: ${reason}`);
};
