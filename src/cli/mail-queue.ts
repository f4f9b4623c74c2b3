// The queue of received mail with everything that working it off needs. For buildd-mail, and for whoever runs it
// inside a longer process: one run at a time, a wish while one runs is not forgotten.
import { actOnMail } from '../mail/incoming/act/act.ts';
import { homeContext } from '../mail/incoming/home-context.ts';
import { reportFailedMail, reportOversizeMail } from '../mail/incoming/act/report-mail.ts';
import { runQueue, type QueueRun } from '../mail/incoming/spool/processor.ts';
import { understand } from '../mail/incoming/understand.ts';
import { withPlace } from '../platform/system-error.ts';
import type { Ports } from './ports.ts';

export interface MailQueue {
  /** Processes what is queued, then hands over the mails that this caused. */
  run(): Promise<QueueRun>;
}

/** The queue of a home that is open. */
export function mailQueueOf(ports: Ports): MailQueue {
  // Intents of this very process that are not finished: the store was away, or something threw.
  const open = new Set<number>();
  const carryOut: Ports['carryOut'] = async (intent) => {
    open.add(intent.number);
    const end = await ports.carryOut(intent);
    if (end !== 'open') open.delete(intent.number);
    return end;
  };
  const context = homeContext(ports);
  const act = { ...ports, carryOut, understand: (raw: Uint8Array) => understand(raw, context()) };
  const once = async (): Promise<QueueRun> => {
    try {
      return await round();
    } catch (error) {
      throw withPlace(error, ports.paths.root);
    }
  };
  const round = async (): Promise<QueueRun> => {
    const run = await runQueue({
      paths: ports.paths,
      db: ports.db,
      clock: ports.clock,
      log: ports.log,
      act: (raw, mail) => (mail.oversize ? reportOversizeMail(raw, act) : actOnMail(raw, act)),
      reportFailed: (path, reason) => reportFailedMail(path, reason, act),
      finishOpenIntents: () => ports.finishOpenIntents(open),
    });
    await ports.sendMail();
    return run;
  };
  let running: Promise<QueueRun> | null = null;
  let next: Promise<QueueRun> | null = null;
  return {
    run: () => {
      if (running === null) {
        running = once().finally(() => void (running = null));
        return running;
      }
      // The run under way may have looked at the queue for the last time: one more after it, for all who wish.
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = null;
          running = once().finally(() => void (running = null));
          return running;
        });
      return next;
    },
  };
}
