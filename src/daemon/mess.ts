// The pause after repeated local problems: the admin is told, the queue is not spoiled any further.
import { openIntent, type IntentDraft } from '../home/intent.ts';
import type { Built } from './build-one.ts';
import { lastLines } from './last-lines.ts';
import { messPauseSeconds } from './local-problems.ts';
import type { Run } from './run-state.ts';

/** Mails "Repeated mess with sbuild" and sleeps an hour, or until SIGUSR2. */
export const pauseForMess = async (run: Run, last: Built): Promise<void> => {
  const { world } = run;
  run.mess = null;
  const lines = last.logFile === null ? ['(no log)'] : lastLines(last.logFile, 20);
  const draft: IntentDraft = {
    what: 'say that builds fail again and again for a local reason',
    subject: null,
    effects: [],
    mails: [
      {
        kind: 'notice',
        subject: 'Repeated mess with sbuild',
        text: [
          `More than ${world.conf().max_sbuild_fails} builds in a row ended with a local problem, the last one with:`,
          '',
          ...lines.map((line) => `  ${line}`),
          '',
          'The daemon sleeps for an hour. Send it SIGUSR2 when the problem is mended, to go on at once.',
        ].join('\n'),
      },
    ],
    refusalMails: [],
  };
  await world.carryOut(openIntent(world.db, draft, world.clock.now()));
  await world.sendMail();
  world.log.log(`repeated local problems: sleeping ${messPauseSeconds} s, or until SIGUSR2`);
  await run.control.untilPauseEnds(messPauseSeconds);
};
