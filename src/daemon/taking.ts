// Taking: from REDO, else from the store. What failed in the version before is not built unasked.
import { askAboutBuild } from '../home/builds.ts';
import { forgetOldGivenBack, readGivenBack } from '../home/given-back.ts';
import { openIntent, type IntentDraft } from '../home/intent.ts';
import { dropBadRedoLines, readRedo, removeFromRedo, type RedoEntry } from '../home/redo.ts';
import { allWaiting, startWaiting } from '../home/waiting.ts';
import type { DistributionConf } from '../config/buildd-conf.ts';
import type { Taken } from './build-one.ts';
import { nextFromStore, nextRedo, type ListedDistribution } from './choice.ts';
import { filtersOf } from './filters.ts';
import type { Run } from './run-state.ts';

/** Takes the next REDO entry; `look again` when it was dropped instead, null when REDO has none for us. */
export const takeFromRedo = async (run: Run): Promise<Taken | 'look again' | null> => {
  const { world } = run;
  for (const line of dropBadRedoLines(world.db, world.paths))
    world.log.log(`REDO: dropped a line that is none: ${line}`);
  const { distributions } = world.conf();
  const entry = nextRedo(distributions, readRedo(world.paths).entries);
  if (entry === null) return null;
  const distribution = distributions.find((candidate) => candidate.dist_name === entry.distribution);
  if (distribution === undefined) return null;
  const [reply] = await world.store.take(
    [`${entry.package}_${entry.version}`],
    distribution.dist_name,
    distribution.built_architecture,
    distribution.wanna_build_db_user,
  );
  if (reply?.status === 'ok') return { ...reply, ...binNmuOf(reply, entry), distribution };
  world.log.log(
    `REDO: ${entry.package}_${entry.version} (${entry.distribution}) is refused by the store and dropped: ${reply?.reason ?? 'no answer'}`,
  );
  removeFromRedo(world.db, world.paths, entry);
  return 'look again';
};

const binNmuOf = (
  reply: Pick<Taken, 'binary_nmu_version' | 'binary_nmu_changelog'>,
  entry: RedoEntry,
): Pick<Taken, 'binary_nmu_version' | 'binary_nmu_changelog'> =>
  entry.binNmu === null
    ? { binary_nmu_version: reply.binary_nmu_version, binary_nmu_changelog: reply.binary_nmu_changelog }
    : { binary_nmu_version: entry.binNmu.number, binary_nmu_changelog: entry.binNmu.changelog };

/** Takes from the store; the first is returned, the rest of max_build kept in the run. */
export const takeFromStore = async (run: Run): Promise<Taken | 'look again' | null> => {
  const { world } = run;
  const conf = world.conf();
  forgetOldGivenBack(world.db, world.paths, conf.delay_after_give_back, world.clock.now());
  const listed: ListedDistribution[] = [];
  for (const distribution of conf.distributions) {
    const packages = await world.store.needsBuild(
      distribution.dist_name,
      distribution.built_architecture,
      distribution.wanna_build_db_user,
    );
    listed.push({ distribution, filters: filtersOf(conf, distribution), packages });
  }
  const choice = nextFromStore({
    listed,
    givenBack: readGivenBack(world.paths),
    delayAfterGiveBack: conf.delay_after_give_back,
    waiting: allWaiting(world.db),
    leaveOut: run.refused,
    maxBuild: conf.max_build,
    now: world.clock.now(),
  });
  if (choice === null) return null;
  const { distribution } = choice;
  const replies = await world.store.take(
    choice.packages.map((listedPackage) => `${listedPackage.package}_${listedPackage.version}`),
    distribution.dist_name,
    distribution.built_architecture,
    distribution.wanna_build_db_user,
  );
  const taken: Taken[] = [];
  replies.forEach((reply, index) => {
    if (reply.status === 'ok') {
      taken.push({ ...reply, distribution });
      return;
    }
    const asked = choice.packages[index];
    run.refused.add(`${reply.package}_${asked?.version ?? ''} ${distribution.dist_name}`);
    world.log.log(`${reply.package} (${distribution.dist_name}) is not ours: ${reply.reason}`);
  });
  const toBuild = await askAboutFailedBefore(run, taken, distribution);
  const [first, ...rest] = toBuild;
  run.taken.push(...rest);
  return first ?? 'look again';
};

/** What failed in the version before is not built unasked: it stays taken, and the admin gets "Should I build". */
const askAboutFailedBefore = async (
  run: Run,
  taken: readonly Taken[],
  distribution: DistributionConf,
): Promise<Taken[]> => {
  const { world } = run;
  if (!world.conf().should_build_msgs) return [...taken];
  for (const one of taken) {
    if (one.previous_failed === null) continue;
    const { reason } = one.previous_failed;
    const key = {
      package: one.package,
      version: one.version,
      distribution: distribution.dist_name,
      architecture: distribution.built_architecture,
    };
    const intent = world.db.exclusively(() => {
      startWaiting(world.db, { ...key, claim: one.claim }, world.clock.now());
      const build = askAboutBuild(
        world.db,
        {
          ...key,
          builderUser: distribution.wanna_build_db_user,
          claim: one.claim,
          binNmu: null,
          take: { mailLogs: null, suppressSuccessfulLogs: false },
        },
        world.clock.now(),
      );
      const draft: IntentDraft = {
        what: `ask whether to build ${one.package}_${one.version} (${distribution.dist_name})`,
        subject: { ...key, claim: one.claim },
        effects: [],
        mails: [{ kind: 'should-build', build, reason }],
        refusalMails: [],
      };
      return openIntent(world.db, draft, world.clock.now());
    });
    await world.carryOut(intent);
    world.log.log(intent.what);
  }
  return taken.filter((one) => one.previous_failed === null);
};
