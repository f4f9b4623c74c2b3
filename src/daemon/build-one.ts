// One build from its first row in home.db to its report: runs the builder, then writes down what follows as an intent
// and carries it out. Whatever ends it, the package is reported or back in REDO.
import type { DistributionConf } from '../config/buildd-conf.ts';
import type { BuildOutcome } from '../builder/outcome.ts';
import { beginBuild, buildByNumber, endBuild, loseBuild, noteLogFile, type Build } from '../home/builds.ts';
import { openIntent, type Intent } from '../home/intent.ts';
import { addToRedo, removeFromRedo } from '../home/redo.ts';
import { messageOf } from '../platform/errors.ts';
import { binNmuOf, jobOf } from './job-of.ts';
import { reportOf } from './report.ts';
import { readSigned } from './signed-result.ts';
import { keyOf, type Taken } from './taken.ts';
import { carryOutOrKeep, untilDone } from './trouble.ts';
import type { DaemonWorld } from './world.ts';

/** How a build ended for the loop. */
export interface Built {
  readonly nameVersion: string;
  readonly result: BuildOutcome['result'];
  readonly remark: string | null;
  readonly logFile: string | null;
  /** The number of an intent that could not be carried out yet; null: nothing is left to do. */
  readonly openIntent: number | null;
  /** The number of an intent that the store refused. */
  readonly refusedIntent: number | null;
}

/** Notes that a build begins and takes the package out of REDO. @returns its number */
export function begin(world: DaemonWorld, taken: Taken): number {
  const { distribution } = taken;
  const number = world.db.exclusively(() => {
    const begun = beginBuild(
      world.db,
      {
        ...keyOf(taken),
        architecture: distribution.built_architecture,
        builderUser: distribution.wanna_build_db_user,
        claim: taken.claim,
        binNmu: binNmuOf(taken),
        take: { mailLogs: taken.mail_logs, suppressSuccessfulLogs: taken.suppress_successful_logs },
      },
      world.clock.now(),
    );
    removeFromRedo(world.db, world.paths, keyOf(taken));
    return begun;
  });
  world.log.log(`building ${taken.package}_${taken.version} (${distribution.dist_name}), build ${number}`);
  return number;
}

/** Builds what has begun and reports it. Rejects only for a defect of ours. */
export async function buildOne(
  world: DaemonWorld,
  taken: Taken,
  number: number,
  stopping: AbortSignal,
): Promise<Built> {
  const nameVersion = `${taken.package}_${taken.version}`;
  const outcome = await build(world, taken, number, stopping);
  const { result, failStage, remark, logFile } = outcome;
  world.log.log(
    `${nameVersion} (${taken.distribution.dist_name}), build ${number}: ${result}${failStage === null ? '' : ` in ${failStage}`}${remark === null ? '' : `: ${remark}`}`,
  );
  const intent = await untilDone(world, stopping, `the end of build ${number} of ${nameVersion} cannot be noted`, () =>
    noteEnd(world, number, taken.distribution, outcome),
  );
  const built = { nameVersion, result, remark, logFile, openIntent: null, refusedIntent: null };
  // Not noted before we had to stop: the next start finds the build cut off and puts the package into REDO.
  if (intent === null || intent.value === null) return built;
  const end = await carryOutOrKeep(world, intent.value);
  const { number: intentNumber } = intent.value;
  if (end === 'refused') return { ...built, refusedIntent: intentNumber };
  return end === 'open' ? { ...built, openIntent: intentNumber } : built;
}

const build = async (
  world: DaemonWorld,
  taken: Taken,
  number: number,
  stopping: AbortSignal,
): Promise<BuildOutcome> => {
  const began = world.clock.now();
  const localProblem = (failStage: string, remark: string): BuildOutcome => ({
    result: 'failed',
    failStage,
    remark,
    logFile: null,
    changesFile: null,
    started: began,
    finished: world.clock.now(),
    diskUsed: null,
  });
  try {
    const conf = world.conf();
    const builder = world.builder(conf);
    const job = jobOf(world.paths, conf, taken, number);
    const unusable = await builder.unusable(job);
    if (unusable !== null) return localProblem('create-session', unusable);
    return await builder.build(job, stopping, (path) => rememberLog(world, number, path));
  } catch (error) {
    return localProblem('init', `the builder failed: ${messageOf(error)}`);
  }
};

// Only a help for whoever looks after a crash: a full disk must not end the build that it belongs to.
const rememberLog = (world: DaemonWorld, number: number, path: string): void => {
  try {
    noteLogFile(world.db, number, path);
  } catch (error) {
    world.log.log(`build ${number} logs to ${path}, which could not be noted: ${messageOf(error)}`);
  }
};

// The intent that reports it; null for a build that we stopped: it is in REDO.
const noteEnd = (
  world: DaemonWorld,
  number: number,
  distribution: DistributionConf,
  outcome: BuildOutcome,
): Intent | null => {
  const build: Build | null = buildByNumber(world.db, number);
  if (build === null) throw new Error(`build ${number} is not in home.db`);
  const { result, changesFile } = outcome;
  if (result === 'aborted') {
    world.db.exclusively(() => {
      loseBuild(world.db, number, outcome.finished);
      addToRedo(world.db, world.paths, build);
    });
    return null;
  }
  const end = { ...outcome, result };
  const signed =
    distribution.sign_with === undefined || changesFile === null
      ? null
      : readSigned(world, changesFile, build, distribution.dupload_local_queue_dir);
  return world.db.exclusively(() => {
    endBuild(world.db, number, end);
    return openIntent(world.db, reportOf(build, end, distribution, signed), world.clock.now());
  });
};
