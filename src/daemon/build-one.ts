// One build from the take to the report: runs the builder, then writes down what follows as an intent and carries
// it out. Whatever ends it, the package is reported or back in REDO.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DistributionConf } from '../config/buildd-conf.ts';
import type { BuildJob } from '../builder/job.ts';
import type { BuildOutcome } from '../builder/outcome.ts';
import { parseChanges } from '../debian/changes.ts';
import { beginBuild, buildByNumber, endBuild, loseBuild, noteLogFile, type BuildEnd } from '../home/builds.ts';
import { openIntent, type Intent } from '../home/intent.ts';
import { addToRedo, removeFromRedo } from '../home/redo.ts';
import { messageOf } from '../platform/errors.ts';
import type { TakeReply } from '../wanna-build/client.ts';
import { reportOf, type SignedResult } from './report.ts';
import type { DaemonWorld } from './world.ts';

export type Taken = Extract<TakeReply, { status: 'ok' }> & { readonly distribution: DistributionConf };

/** How a build ended for the loop: its result, and the number of an intent that could not be carried out yet. */
export interface Built {
  readonly result: BuildOutcome['result'];
  readonly logFile: string | null;
  readonly openIntent: number | null;
}

/** Builds what was taken. Never rejects for anything a build or a builder does. */
export async function buildOne(world: DaemonWorld, taken: Taken, stopping: AbortSignal): Promise<Built> {
  const conf = world.conf();
  const { distribution } = taken;
  const nameVersion = `${taken.package}_${taken.version}`;
  const binNmu =
    taken.binary_nmu_version === null
      ? null
      : { number: taken.binary_nmu_version, changelog: taken.binary_nmu_changelog ?? 'Rebuild' };
  const number = world.db.exclusively(() => {
    removeFromRedo(world.db, world.paths, {
      package: taken.package,
      version: taken.version,
      distribution: distribution.dist_name,
    });
    return beginBuild(
      world.db,
      {
        package: taken.package,
        version: taken.version,
        distribution: distribution.dist_name,
        architecture: distribution.built_architecture,
        builderUser: distribution.wanna_build_db_user,
        claim: taken.claim,
        binNmu,
        take: { mailLogs: taken.mail_logs, suppressSuccessfulLogs: taken.suppress_successful_logs },
      },
      world.clock.now(),
    );
  });
  world.log.log(`building ${nameVersion} (${distribution.dist_name}), build ${number}`);
  const builder = world.builder(conf);
  const job = jobOf(world, taken, number, binNmu);
  let outcome: BuildOutcome;
  const began = world.clock.now();
  const localProblem = (remark: string): BuildOutcome => ({
    result: 'failed',
    failStage: 'create-session',
    remark,
    logFile: null,
    changesFile: null,
    started: began,
    finished: world.clock.now(),
    diskUsed: null,
  });
  try {
    const unusable = await builder.unusable(job);
    outcome =
      unusable === null
        ? await builder.build(job, stopping, (path) => noteLogFile(world.db, number, path))
        : localProblem(unusable);
  } catch (error) {
    outcome = localProblem(`the ${builder.name} builder failed: ${messageOf(error)}`);
  }
  world.log.log(
    `${nameVersion} (${distribution.dist_name}), build ${number}: ${outcome.result}${outcome.failStage === null ? '' : ` in ${outcome.failStage}`}${outcome.remark === null ? '' : `: ${outcome.remark}`}`,
  );
  return finish(world, number, distribution, outcome);
}

const jobOf = (world: DaemonWorld, taken: Taken, number: number, binNmu: BuildJob['binNmu']): BuildJob => {
  const conf = world.conf();
  const { distribution } = taken;
  return {
    build: number,
    package: taken.package,
    version: taken.version,
    distribution: distribution.dist_name,
    architecture: distribution.built_architecture,
    binNmu,
    extraDepends: taken.extra_depends,
    extraConflicts: taken.extra_conflicts,
    buildDepResolver: taken.build_dep_resolver ?? distribution.build_dep_resolver ?? null,
    chroot: distribution.sbuild_chroot ?? null,
    signWith: distribution.sign_with ?? null,
    maintainer: distribution.maintainer_name ?? null,
    mailFrom: distribution.mailfrom ?? null,
    dscFile: taken.source_path,
    buildDirectory: world.paths.build,
    logDirectory: world.paths.logs,
    statsDirectory: world.paths.stats,
    home: world.paths.root,
    niceLevel: conf.nice_level,
    buildTimeout: conf.build_timeout,
    stuckTimeout: conf.stuck_timeout,
    sbuildArgs: conf.sbuild_args,
    fileSuffix: conf.dpkg_file_suffix ?? null,
  };
};

const finish = async (
  world: DaemonWorld,
  number: number,
  distribution: DistributionConf,
  outcome: BuildOutcome,
): Promise<Built> => {
  const build = buildByNumber(world.db, number);
  if (build === null) throw new Error(`build ${number} is not in home.db`);
  const { result } = outcome;
  if (result === 'aborted') {
    world.db.exclusively(() => {
      loseBuild(world.db, number, outcome.finished);
      addToRedo(world.db, world.paths, build);
    });
    return { result, logFile: outcome.logFile, openIntent: null };
  }
  const end = { ...outcome, result } satisfies BuildEnd;
  const signed = distribution.sign_with === undefined ? null : readSigned(world, outcome);
  const intent: Intent = world.db.exclusively(() => {
    endBuild(world.db, number, end);
    return openIntent(world.db, reportOf(build, end, distribution, signed), world.clock.now());
  });
  const done = await world.carryOut(intent);
  if (done === 'refused') world.log.log(`${intent.what}: refused by the store`);
  return { result, logFile: outcome.logFile, openIntent: done === 'open' ? intent.number : null };
};

const readSigned = (world: DaemonWorld, outcome: BuildOutcome): SignedResult | null => {
  if (outcome.changesFile === null) return null;
  try {
    const text = readFileSync(join(world.paths.build, outcome.changesFile), 'utf8');
    const signedPart =
      /^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]+\n)*\n([\s\S]*?)\n-----BEGIN PGP SIGNATURE-----/.exec(text);
    if (signedPart === null) {
      world.log.log(
        `${outcome.changesFile} is not signed though sign_with is set; the admin's signature is waited for`,
      );
      return null;
    }
    return {
      name: outcome.changesFile,
      text,
      changes: parseChanges((signedPart[1] ?? '').replace(/^- /gm, ''), outcome.changesFile),
    };
  } catch (error) {
    world.log.log(`cannot use ${outcome.changesFile}: ${messageOf(error)}`);
    return null;
  }
};
