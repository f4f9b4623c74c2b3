// Taking what stands in REDO. A line that cannot be built is dropped and said so; one that is not for here stays.
import type { DistributionConf } from '../config/buildd-conf.ts';
import { runningBuilds } from '../home/builds.ts';
import { addToRedo, dropBadRedoLines, formatRedoLine, readRedo, removeFromRedo, type RedoEntry } from '../home/redo.ts';
import { nextRedo } from './choice.ts';
import type { Run } from './run-state.ts';
import { skipInRedo } from './skipping.ts';
import type { Taken } from './taken.ts';

/** Takes the first line of REDO for these distributions into run.taken; false where there is none. */
export async function takeFromRedo(run: Run, usable: readonly DistributionConf[]): Promise<boolean> {
  const { world } = run;
  for (const line of dropBadRedoLines(world.db, world.paths))
    world.log.log(`REDO: dropped a line that cannot be read: ${line}`);
  sayForeign(run);
  const entry = nextRedo(usable, openEntries(run));
  const distribution = usable.find((candidate) => candidate.dist_name === entry?.distribution);
  if (entry === null || distribution === undefined) return false;
  if (await skipInRedo(run, entry, distribution)) return true;
  if (await dropUnknownBinNmu(run, entry, distribution)) return true;
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
}

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

const sayForeign = (run: Run): void => {
  const { world, foreignRedoSaid } = run;
  const ours = new Set(world.conf().distributions.map((distribution) => distribution.dist_name));
  const foreign = new Set(
    readRedo(world.paths)
      .entries.filter((entry) => !ours.has(entry.distribution))
      .map(formatRedoLine),
  );
  for (const line of foreignRedoSaid) if (!foreign.has(line)) foreignRedoSaid.delete(line);
  for (const line of foreign) {
    if (foreignRedoSaid.has(line)) continue;
    foreignRedoSaid.add(line);
    world.log.log(`REDO: left alone, its distribution is not in buildd.conf: ${line}`);
  }
};

// The store refuses results of a binNMU that it does not know: it must be told before, not after the build.
const dropUnknownBinNmu = async (run: Run, entry: RedoEntry, distribution: DistributionConf): Promise<boolean> => {
  const { world } = run;
  if (entry.binNmu === null) return false;
  const { dist_name, built_architecture, wanna_build_db_user: user } = distribution;
  const key = { package: entry.package, distribution: dist_name, architecture: built_architecture };
  const record = await world.store.info(key);
  // Not registered: the take says so.
  if (record === null || record.binary_nmu_version === entry.binNmu.number) return false;
  const { number, changelog } = entry.binNmu;
  const nameVersion = `${entry.package}_${entry.version}`;
  const isOurs = record.state === 'Building' && record.builder === user && record.version === entry.version;
  world.db.exclusively(() => {
    removeFromRedo(world.db, world.paths, entry);
    // It must not stay Building with nobody building it.
    if (isOurs) addToRedo(world.db, world.paths, { ...entry, binNmu: null });
  });
  world.log.log(
    `REDO: ${nameVersion} (${dist_name}): the store knows no binNMU ${number} of it, ${isOurs ? 'built without' : 'dropped'}; schedule it (wanna-build --binNMU ${number} -m '${changelog.replaceAll("'", '')}' -d ${dist_name} ${nameVersion}), or leave out number and text`,
  );
  return true;
};

// Whoever put it into REDO has decided: nobody is asked about a failure of the version before.
const redone = (reply: Omit<Taken, 'distribution'>, entry: RedoEntry, distribution: DistributionConf): Taken => {
  const taken: Taken = { ...reply, distribution, previous_failed: null };
  if (entry.binNmu === null) return taken;
  return { ...taken, binary_nmu_version: entry.binNmu.number, binary_nmu_changelog: entry.binNmu.changelog };
};
