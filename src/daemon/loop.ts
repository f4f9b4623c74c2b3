// The daemon's loop: REDO first, then what the store lists; `jobs` builds at a time; stops, reloads and pauses as
// its users expect. What to do is decided elsewhere; here is only the order of things.
import { existsSync, rmSync } from 'node:fs';
import { addToRedo } from '../home/redo.ts';
import { messageOf } from '../platform/errors.ts';
import { ask, mustAsk, questionOf } from './asking.ts';
import { begin, buildOne, type Built } from './build-one.ts';
import type { Control } from './control.ts';
import { isSpaceLow } from './free-space.ts';
import { binNmuOf } from './job-of.ts';
import { countResult } from './local-problems.ts';
import { beginPause, isPaused } from './mess.ts';
import { finishOpen, recover } from './recover.ts';
import { lookAtRefused } from './refused-report.ts';
import { reloadIfChanged } from './reload.ts';
import { restSeconds } from './rest.ts';
import { newRun, type End, type Run } from './run-state.ts';
import { skipTaken } from './skipping.ts';
import { keyOf } from './taken.ts';
import { takeMore } from './taking.ts';
import { isTrouble, retrySeconds } from './trouble.ts';
import type { DaemonWorld } from './world.ts';

const longestFarewellSeconds = 10;

/**
 * Runs until told to stop. Whatever ends it, also a defect: the builds are ended, and their packages are in REDO.
 * @returns `stopped`, or `replaced` when the program on disk is another one and should be started in its place.
 */
export async function runLoop(world: DaemonWorld, control: Control): Promise<End> {
  const run = newRun(world, control);
  let recovered = false;
  try {
    for (;;) {
      const end = await surviving(run, async () => {
        if (control.stopping.aborted) return 'stopped';
        if (!recovered) await recover(run);
        recovered = true;
        return step(run);
      });
      if (end !== null) return end;
    }
  } finally {
    control.stop();
    await Promise.all(run.running);
    putBack(run);
    await run.mailer.settle(longestFarewellSeconds);
  }
}

// Null after a pause when something was in the way that may go away; nothing is half done then.
const surviving = async (run: Run, action: () => Promise<End | null>): Promise<End | null> => {
  try {
    return await action();
  } catch (error) {
    if (!isTrouble(error)) throw error;
    run.world.log.log(`${messageOf(error)}; trying again in ${retrySeconds} s`);
    await run.control.untilWoken(retrySeconds);
    return null;
  }
};

const step = async (run: Run): Promise<End | null> => {
  if (run.defect !== null) throw run.defect.thrown;
  lookForTheEnd(run);
  if (run.leaving !== null && run.running.size === 0) return run.leaving;
  reloadIfChanged(run);
  if (run.mess !== null) beginPause(run, run.mess);
  await finishOpen(run);
  await lookAtRefused(run);
  const isFree = !isPaused(run) && run.leaving === null && run.running.size < run.world.conf().jobs;
  const space = isFree && isSpaceLow(run) ? 'low' : 'enough';
  if (isFree && space === 'enough' && (await startNext(run))) return null;
  await rest(run, space);
  return null;
};

const lookForTheEnd = (run: Run): void => {
  if (run.leaving !== null) return;
  const { world } = run;
  if (existsSync(world.paths.exitDaemonPlease)) {
    rmSync(world.paths.exitDaemonPlease, { force: true });
    world.log.log(`EXIT-DAEMON-PLEASE is there: exiting${afterBuilds(run)}`);
    run.leaving = 'stopped';
  } else if (world.programStamp() !== run.programStamp) {
    world.log.log(`the program was replaced: starting the new one${afterBuilds(run)}`);
    run.leaving = 'replaced';
  }
};

const afterBuilds = (run: Run): string => (run.running.size === 0 ? '' : ' when the running builds are done');

/** Does the next thing there is to do; false when there is none. */
const startNext = async (run: Run): Promise<boolean> => {
  const [next] = run.taken;
  if (next === undefined) return takeMore(run);
  if (mustAsk(run, next)) ask(run, questionOf(next));
  else if (!skipTaken(run, next)) {
    const number = begin(run.world, next);
    const slot = buildOne(run.world, next, number, run.control.stopping)
      .then((built) => ended(run, built))
      .catch((thrown: unknown) => void (run.defect = { thrown }))
      .finally(() => {
        run.running.delete(slot);
        run.control.wake();
      });
    run.running.add(slot);
  }
  // Only now: until here it was not written down anywhere else.
  run.taken.shift();
  return true;
};

const ended = (run: Run, built: Built): void => {
  if (built.openIntent !== null) run.openIntents.add(built.openIntent);
  if (built.refusedIntent !== null) run.refusedIntents.add(built.refusedIntent);
  const { after, mess } = countResult(run.problems, built.result, run.world.conf().max_sbuild_fails);
  run.problems = after;
  if (mess) run.mess = built;
  run.mailer.push();
};

const rest = async (run: Run, space: 'enough' | 'low'): Promise<void> => {
  const { world, mailer, pausedUntil, openIntents } = run;
  mailer.pushIfDue();
  await run.control.untilWoken(
    restSeconds({
      idleSleepTime: world.conf().idle_sleep_time,
      space,
      pausedUntil,
      nextMail: mailer.next(),
      openIntents: openIntents.size,
      now: world.clock.now(),
    }),
  );
  run.refused.clear();
  run.usable.clear();
};

// Packages that were taken but not begun go to REDO, so that Building by us always means something. Where that
// cannot be written, the next start finds them in the store.
const putBack = ({ world, taken }: Run): void => {
  for (const one of taken) {
    try {
      addToRedo(world.db, world.paths, { ...keyOf(one), binNmu: binNmuOf(one) });
    } catch (error) {
      world.log.log(`${one.package}_${one.version} could not be put into REDO: ${messageOf(error)}`);
    }
  }
};
