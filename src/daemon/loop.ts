// The daemon's loop: REDO first, then what the store lists; `jobs` builds at a time; stops, reloads and pauses as
// daemon.md's users expect. Deciding is in choice.ts, building in build-one.ts; here is only the order of things.
import { existsSync, rmSync } from 'node:fs';
import { addToRedo, removeFromRedo } from '../home/redo.ts';
import { takeFromSkip } from '../home/skip.ts';
import { UnavailableError } from '../platform/errors.ts';
import { buildOne, type Built } from './build-one.ts';
import type { Control } from './control.ts';
import { freeKib } from './free-space.ts';
import { countResult, noProblems } from './local-problems.ts';
import { pauseForMess } from './mess.ts';
import { recover } from './recover.ts';
import { reloadIfChanged, stampOf } from './reload.ts';
import type { Run } from './run-state.ts';
import { takeFromRedo, takeFromStore } from './taking.ts';
import type { DaemonWorld } from './world.ts';

const spaceRecheckSeconds = 600;
const storeRetrySeconds = 60;

/**
 * Runs until told to stop.
 * @returns `stopped`, or `replaced` when the program on disk is another one and should be started in its place.
 */
export async function runLoop(world: DaemonWorld, control: Control): Promise<'stopped' | 'replaced'> {
  const run: Run = {
    world,
    control,
    taken: [],
    running: new Set(),
    openIntents: new Set(),
    refused: new Set(),
    problems: noProblems,
    mess: null,
    lowSpaceSaid: false,
    brokenConfSaid: null,
    confStamp: stampOf(world.conf().files),
    programStamp: world.programStamp(),
  };
  let recovered = false;
  while (!recovered && !control.stopping.aborted) recovered = await whenStoreAnswers(run, () => recover(world));
  let end: 'stopped' | 'replaced' | null = null;
  while (end === null) {
    end = await step(run);
  }
  await Promise.all(run.running);
  putBack(run);
  await world.sendMail();
  return end;
}

const step = async (run: Run): Promise<'stopped' | 'replaced' | null> => {
  const { world, control } = run;
  if (control.stopping.aborted) return 'stopped';
  if (existsSync(world.paths.exitDaemonPlease)) {
    await Promise.all(run.running);
    rmSync(world.paths.exitDaemonPlease, { force: true });
    world.log.log('EXIT-DAEMON-PLEASE is there: exiting');
    return 'stopped';
  }
  if (world.programStamp() !== run.programStamp) {
    world.log.log('the program was replaced: starting the new one when the builds are done');
    await Promise.all(run.running);
    return 'replaced';
  }
  reloadIfChanged(run);
  await finishOpen(run);
  if (run.mess !== null) await pauseForMess(run, run.mess);
  if (run.running.size >= world.conf().jobs) {
    await Promise.race([...run.running, control.untilWoken(world.conf().idle_sleep_time)]);
    return null;
  }
  if (isSpaceLow(run)) {
    await control.untilWoken(spaceRecheckSeconds);
    return null;
  }
  let found = false;
  await whenStoreAnswers(run, async () => {
    found = await startNext(run);
  });
  if (!found) await idle(run);
  return null;
};

const idle = async (run: Run): Promise<void> => {
  const nextMail = await run.world.sendMail();
  const untilMail =
    nextMail === null ? Infinity : Math.max(1, (nextMail.getTime() - run.world.clock.now().getTime()) / 1000);
  await run.control.untilWoken(Math.min(run.world.conf().idle_sleep_time, untilMail));
  run.refused.clear();
};

/** Starts the next build, if there is one. */
const startNext = async (run: Run): Promise<boolean> => {
  const next = run.taken.shift() ?? (await takeFromRedo(run)) ?? (await takeFromStore(run));
  if (next === null) return false;
  if (next === 'look again') return true;
  const { world } = run;
  const key = { package: next.package, version: next.version, distribution: next.distribution.dist_name };
  if (takeFromSkip(world.db, world.paths, key)) {
    world.log.log(`${key.package}_${key.version} (${key.distribution}) is in SKIP: not built`);
    world.db.exclusively(() => removeFromRedo(world.db, world.paths, key));
    return true;
  }
  const build = buildOne(world, next, run.control.stopping).then((built) => ended(run, built));
  const slot = build.finally(() => {
    run.running.delete(slot);
    run.control.wake();
  });
  run.running.add(slot);
  return true;
};

const ended = async (run: Run, built: Built): Promise<void> => {
  if (built.openIntent !== null) run.openIntents.add(built.openIntent);
  const { after, mess } = countResult(run.problems, built.result, run.world.conf().max_sbuild_fails);
  run.problems = after;
  if (mess) run.mess = built;
  await run.world.sendMail();
};

const finishOpen = async (run: Run): Promise<void> => {
  if (run.openIntents.size === 0) return;
  const numbers = new Set(run.openIntents);
  run.openIntents.clear();
  await run.world.finishOpenIntents(numbers);
};

const isSpaceLow = (run: Run): boolean => {
  const { world } = run;
  const free = freeKib(world.paths.build);
  const low = free < world.conf().min_free_space;
  if (low && !run.lowSpaceSaid) {
    world.log.log(
      `only ${free} KiB free for builds, ${world.conf().min_free_space} are wanted (min_free_space): waiting`,
    );
  }
  run.lowSpaceSaid = low;
  return low;
};

// Packages that were taken but not begun go to REDO, so that Building by us always means something.
const putBack = (run: Run): void => {
  for (const one of run.taken) {
    addToRedo(run.world.db, run.world.paths, {
      package: one.package,
      version: one.version,
      distribution: one.distribution.dist_name,
      binNmu: null,
    });
  }
};

// False after a pause when the store is away; nothing was changed then.
const whenStoreAnswers = async (run: Run, action: () => Promise<void>): Promise<boolean> => {
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    run.world.log.log(`${error.message}; trying again in ${storeRetrySeconds} s`);
    await run.control.untilWoken(storeRetrySeconds);
    return false;
  }
};
