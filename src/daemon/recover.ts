// What the daemon repairs at start: intents that a crash left open, builds whose process is gone, packages that are
// Building for us but neither run, nor stand in REDO, nor wait for an answer. Running it twice changes nothing.
import { readFileSync, rmSync } from 'node:fs';
import { systemCodeOf } from '../platform/errors.ts';
import { orphanedBuilds, loseBuild, runningBuilds } from '../home/builds.ts';
import { addToRedo, parseRedoLine, readRedo } from '../home/redo.ts';
import { allWaiting } from '../home/waiting.ts';
import type { PackageRecord } from '../wanna-build/record.ts';
import type { DaemonWorld } from './world.ts';

/** Repairs the home from the store, and says in the log what it did. */
export async function recover(world: DaemonWorld): Promise<void> {
  await world.finishOpenIntents();
  takeUpDumped(world);
  for (const build of orphanedBuilds(world.db)) {
    world.db.exclusively(() => loseBuild(world.db, build.number, world.clock.now()));
    world.log.log(`build ${build.number} of ${build.package}_${build.version} was cut off`);
  }
  for (const distribution of world.conf().distributions) {
    const building = await world.store.buildingFor(
      distribution.wanna_build_db_user,
      distribution.dist_name,
      distribution.built_architecture,
    );
    // What another host of the same user (`USER-host`) builds is its own daemon's to repair.
    const ours = building.filter((record) => record.builder === distribution.wanna_build_db_user);
    for (const record of ours) repair(world, record);
  }
}

const repair = (world: DaemonWorld, record: PackageRecord): void => {
  const isIt = (other: { package: string; distribution: string; version: string }): boolean =>
    other.package === record.package && other.distribution === record.distribution && other.version === record.version;
  if (runningBuilds(world.db).some(isIt) || allWaiting(world.db).some(isIt) || readRedo(world.paths).entries.some(isIt))
    return;
  const binNmu =
    record.binary_nmu_version === null
      ? null
      : { number: record.binary_nmu_version, changelog: record.binary_nmu_changelog ?? 'Rebuild' };
  const entry = { package: record.package, version: record.version, distribution: record.distribution, binNmu };
  if (addToRedo(world.db, world.paths, entry)) {
    world.log.log(
      `${record.package}_${record.version} (${record.distribution}) is Building for us but was not built: into REDO`,
    );
  }
};

// What a builder's own shutdown handling wrote down: lines as in REDO.
const takeUpDumped = (world: DaemonWorld): void => {
  let text: string;
  try {
    text = readFileSync(world.paths.redoDumped, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  world.db.exclusively(() => {
    for (const line of text.split('\n')) {
      const entry = parseRedoLine(line);
      if (entry !== null) addToRedo(world.db, world.paths, entry);
    }
    rmSync(world.paths.redoDumped, { force: true });
  });
};
