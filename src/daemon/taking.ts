// Taking: from REDO, else from the store. What was taken is kept in the run from that very moment, so that whatever
// goes wrong before its build begins, it is not forgotten.
import { forgetOldGivenBack, readGivenBack } from '../home/given-back.ts';
import { allWaiting } from '../home/waiting.ts';
import type { DistributionConf } from '../config/buildd-conf.ts';
import { nextFromStore, type Choice } from './choice.ts';
import { filtersOf } from './filters.ts';
import type { Run } from './run-state.ts';
import { takeFromRedo } from './taking-redo.ts';
import { lookAtBuilders } from './usable-builders.ts';

/** Takes what is next into run.taken. False: nothing is there; true: look again, also where it took nothing. */
export async function takeMore(run: Run): Promise<boolean> {
  const { usable, news } = await lookAtBuilders(run);
  // What is to be said of builders is mailed before the loop sleeps.
  return news || (await takeFromRedo(run, usable)) || (await takeFromStore(run, usable));
}

const takeFromStore = async (run: Run, usable: readonly DistributionConf[]): Promise<boolean> => {
  const { world } = run;
  const choice = await choose(run, usable);
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

const choose = async ({ world, refused }: Run, usable: readonly DistributionConf[]): Promise<Choice | null> => {
  const conf = world.conf();
  forgetOldGivenBack(world.db, world.paths, conf.delay_after_give_back, world.clock.now());
  const listed = [];
  for (const distribution of usable) {
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
