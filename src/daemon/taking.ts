// Taking: from REDO, else from the store. What was taken is kept in the run from that very moment, so that whatever
// goes wrong before its build begins, it is not forgotten.
import { runningBuilds } from '../home/builds.ts';
import { forgetOldGivenBack, readGivenBack } from '../home/given-back.ts';
import { dropBadRedoLines, readRedo, removeFromRedo, type RedoEntry } from '../home/redo.ts';
import { allWaiting } from '../home/waiting.ts';
import type { DistributionConf } from '../config/buildd-conf.ts';
import { nextFromStore, nextRedo, type Choice } from './choice.ts';
import { filtersOf } from './filters.ts';
import type { Run } from './run-state.ts';
import { skipInRedo } from './skipping.ts';
import type { Taken } from './taken.ts';

/** Takes what is next into run.taken. False: nothing is there; true: look again, also where it took nothing. */
export async function takeMore(run: Run): Promise<boolean> {
  return (await takeFromRedo(run)) || (await takeFromStore(run));
}

const takeFromRedo = async (run: Run): Promise<boolean> => {
  const { world } = run;
  for (const line of dropBadRedoLines(world.db, world.paths))
    world.log.log(`REDO: dropped a line that is none: ${line}`);
  const { distributions } = world.conf();
  const entry = nextRedo(distributions, openEntries(run));
  const distribution = distributions.find((candidate) => candidate.dist_name === entry?.distribution);
  if (entry === null || distribution === undefined) return false;
  if (await skipInRedo(run, entry, distribution)) return true;
  const [reply] = await world.store.take(
    [`${entry.package}_${entry.version}`],
    distribution.dist_name,
    distribution.built_architecture,
    distribution.wanna_build_db_user,
  );
  if (reply?.status === 'ok') {
    run.taken.push(redone(reply, entry, distribution));
    return true;
  }
  world.log.log(
    `REDO: ${entry.package}_${entry.version} (${entry.distribution}) is refused by the store and dropped: ${reply?.reason ?? 'no answer'}`,
  );
  removeFromRedo(world.db, world.paths, entry);
  return true;
};

// Without what runs already: a second build of it would fight the first over its files.
const openEntries = (run: Run): RedoEntry[] => {
  const running = runningBuilds(run.world.db);
  return readRedo(run.world.paths).entries.filter(
    (entry) =>
      !running.some(
        (build) =>
          build.package === entry.package &&
          build.version === entry.version &&
          build.distribution === entry.distribution,
      ),
  );
};

// Whoever put it into REDO has decided: nobody is asked about a failure of the version before.
const redone = (reply: Omit<Taken, 'distribution'>, entry: RedoEntry, distribution: DistributionConf): Taken => {
  const taken: Taken = { ...reply, distribution, previous_failed: null };
  if (entry.binNmu === null) return taken;
  return { ...taken, binary_nmu_version: entry.binNmu.number, binary_nmu_changelog: entry.binNmu.changelog };
};

const takeFromStore = async (run: Run): Promise<boolean> => {
  const { world } = run;
  const choice = await choose(run);
  if (choice === null) return false;
  const { distribution } = choice;
  const replies = await world.store.take(
    choice.packages.map((listed) => `${listed.package}_${listed.version}`),
    distribution.dist_name,
    distribution.built_architecture,
    distribution.wanna_build_db_user,
  );
  const taken = replies.flatMap((reply) => (reply.status === 'ok' ? [{ ...reply, distribution }] : []));
  run.taken.push(...taken);
  // Somebody else was faster: not asked for again before the next sleep.
  const refused = choice.packages.filter(
    (asked) => !taken.some((one) => one.package === asked.package && one.version === asked.version),
  );
  for (const { package: name, version } of refused) run.refused.add(`${name}_${version} ${distribution.dist_name}`);
  for (const reply of replies)
    if (reply.status !== 'ok')
      world.log.log(`${reply.package} (${distribution.dist_name}) is not ours: ${reply.reason}`);
  return true;
};

const choose = async ({ world, refused }: Run): Promise<Choice | null> => {
  const conf = world.conf();
  forgetOldGivenBack(world.db, world.paths, conf.delay_after_give_back, world.clock.now());
  const listed = [];
  for (const distribution of conf.distributions) {
    const packages = await world.store.needsBuild(
      distribution.dist_name,
      distribution.built_architecture,
      distribution.wanna_build_db_user,
    );
    listed.push({ distribution, filters: filtersOf(conf, distribution), packages });
  }
  return nextFromStore({
    listed,
    givenBack: readGivenBack(world.paths),
    delayAfterGiveBack: conf.delay_after_give_back,
    waiting: allWaiting(world.db),
    leaveOut: refused,
    maxBuild: conf.max_build,
    now: world.clock.now(),
  });
};
