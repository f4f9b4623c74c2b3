// The pause after repeated local problems: the admin is told, the queue is not spoiled any further.
import { openIntent, type IntentDraft } from '../home/intent.ts';
import { harmless } from '../platform/logger.ts';
import type { Built } from './build-one.ts';
import { lastLines } from './last-lines.ts';
import { messPauseSeconds } from './local-problems.ts';
import type { Run } from './run-state.ts';

/** Mails "Repeated mess with sbuild" and begins a pause of an hour, which SIGUSR2 ends. */
export function beginPause(run: Run, last: Built): void {
  const { world } = run;
  const intent = openIntent(world.db, messMail(last, world.conf().max_sbuild_fails), world.clock.now());
  run.openIntents.add(intent.number);
  run.mess = null;
  // A USR2 from before the pause was not meant for it.
  run.control.takePauseEnd();
  run.pausedUntil = new Date(world.clock.now().getTime() + messPauseSeconds * 1000);
  world.log.log(`repeated local problems: sleeping ${messPauseSeconds} s, or until SIGUSR2`);
}

const messMail = (last: Built, maxFails: number): IntentDraft => {
  const output = last.logFile === null ? [] : lastLines(last.logFile, 20);
  const lines = output.length > 0 ? output : [harmless(last.remark ?? 'no output')];
  return {
    what: 'say that builds fail again and again for a local reason',
    subject: null,
    effects: [],
    mails: [
      {
        kind: 'notice',
        subject: 'Repeated mess with sbuild',
        text: [
          `More than ${maxFails} builds in a row ended with a local problem, the last one (${last.nameVersion}) with:`,
          '',
          ...lines.map((line) => `  ${line}`),
          '',
          'The daemon sleeps for an hour. Send it SIGUSR2 when the problem is mended, to go on at once.',
        ].join('\n'),
      },
    ],
    refusalMails: [],
  };
};

/** Whether the pause goes on; says when SIGUSR2 ended it. */
export function isPaused(run: Run): boolean {
  if (run.pausedUntil === null) return false;
  const { world, control } = run;
  const ended = control.takePauseEnd();
  if (!ended && world.clock.now() < run.pausedUntil) return true;
  run.pausedUntil = null;
  world.log.log(ended ? 'SIGUSR2: the pause is over' : 'the pause is over');
  return false;
}
