// What the daemon repairs at start: intents that a crash left open, builds whose process is gone, packages that are
// Building for us but neither run, nor stand in REDO, nor wait for an answer. Running it twice changes nothing.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemCodeOf } from '../platform/errors.ts';
import { treeName } from '../builder/build-tree.ts';
import { lastBuildOf, loseBuild, orphanedBuilds, runningBuilds, type Build } from '../home/builds.ts';
import { openIntents } from '../home/intent.ts';
import { addToPurge } from '../home/purge.ts';
import { addToRedo, parseRedoLine, readRedo } from '../home/redo.ts';
import { allWaiting } from '../home/waiting.ts';
import type { PackageRecord } from '../wanna-build/record.ts';
import { previousFailure } from '../wanna-build/transition/previous-failure.ts';
import { ask } from './asking.ts';
import { binNmuOf } from './job-of.ts';
import type { Run } from './run-state.ts';
import type { TakenKey } from './taken.ts';
import type { DaemonWorld } from './world.ts';

/** Repairs the home from the store, and says in the log what it did. */
export async function recover(run: Run): Promise<void> {
  const { world } = run;
  // Those of other, dead processes become ours; what cannot be finished now is tried again by the loop.
  const others = openIntents(world.db).filter((intent) => intent.owner === 'another process');
  for (const { number } of others) run.openIntents.add(number);
  await world.finishOpenIntents();
  forgetFinished(run);
  takeUpDumped(world);
  for (const build of orphanedBuilds(world.db)) {
    loseBuild(world.db, build.number, world.clock.now());
    world.log.log(`build ${build.number} of ${build.package}_${build.version} was cut off`);
    purgeTree(world, build);
  }
  for (const distribution of world.conf().distributions) {
    const building = await world.store.buildingFor(
      distribution.wanna_build_db_user,
      distribution.dist_name,
      distribution.built_architecture,
    );
    // What another host of the same user (`USER-host`) builds is its own daemon's to repair.
    const ours = building.filter((record) => record.builder === distribution.wanna_build_db_user);
    for (const record of ours) repair(run, record);
  }
  run.mailer.push();
}

/** Tries again what could not be carried out; what still cannot stays for the next time. */
export async function finishOpen(run: Run): Promise<void> {
  if (run.openIntents.size === 0) return;
  await run.world.finishOpenIntents(run.openIntents);
  forgetFinished(run);
  run.mailer.push();
}

// Its builder did not come to removing its directory, and may not be able to: there can be files of root in it.
const purgeTree = (world: DaemonWorld, build: Build): void => {
  const name = treeName({ ...build, build: build.number });
  if (!existsSync(join(world.paths.build, name))) return;
  addToPurge(world.db, world.paths, name);
  world.log.log(`build/${name} is left of it: into PURGE`);
};

const forgetFinished = (run: Run): void => {
  const open = new Set(openIntents(run.world.db).map((intent) => intent.number));
  for (const number of run.openIntents) {
    if (open.has(number)) continue;
    run.openIntents.delete(number);
    run.refusedIntents.add(number);
  }
};

const repair = (run: Run, record: PackageRecord): void => {
  const { world } = run;
  const isIt = (other: TakenKey): boolean =>
    other.package === record.package && other.distribution === record.distribution && other.version === record.version;
  if (runningBuilds(world.db).some(isIt) || allWaiting(world.db).some(isIt) || readRedo(world.paths).entries.some(isIt))
    return;
  // Its build has ended, only the store was not told yet.
  if (openIntents(world.db).some(({ subject }) => subject !== null && isIt(subject))) return;
  const { package: name, version, distribution } = record;
  // Taken, and we died before the admin was asked.
  const failure = previousFailure(record);
  if (failure !== null && world.conf().should_build_msgs && lastBuildOf(world.db, record) === null) {
    const { architecture, builder, claim } = record;
    const { reason } = failure;
    ask(run, { package: name, version, distribution, architecture, builderUser: builder ?? '', claim, reason });
    return;
  }
  if (addToRedo(world.db, world.paths, { package: name, version, distribution, binNmu: binNmuOf(record) }))
    world.log.log(`${name}_${version} (${distribution}) is Building for us but was not built: into REDO`);
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
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const entry = parseRedoLine(line);
    if (entry === null) world.log.log(`SBUILD-REDO-DUMPED: dropped a line that is none: ${line}`);
    else addToRedo(world.db, world.paths, entry);
  }
  rmSync(world.paths.redoDumped, { force: true });
};
