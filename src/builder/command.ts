// The builder that runs any program: for chroots, virtual machines and hosts that sbuild does not know. The program
// and its hooks come from the configuration; what is put into its arguments never becomes more than one argument.
import { mkdirSync } from 'node:fs';
import { DataError, messageOf } from '../platform/errors.ts';
import { programPath } from '../platform/program-path.ts';
import { systemClock } from '../platform/clock.ts';
import type { BuildLog } from './build-log.ts';
import { createTree, discardTree } from './build-tree.ts';
import type { Builder } from './builder.ts';
import type { BuildJob } from './job.ts';
import { launched } from './launch.ts';
import { builtVersion, section } from './log-format.ts';
import { failure, recorded, secondsSince, verdictOfStop, type Verdict } from './recording.ts';
import { changesIn, checkResults, moveResults, resultStem } from './results.ts';
import { declaredBinaries } from './source-files.ts';
import { supervise, type Supervision } from './supervise.ts';

interface CommandOptions {
  /** Program and arguments with placeholders; its exit codes are sbuild's: 0, 2 attempted, 3 given back, else local. */
  readonly build: readonly string[];
  /** Runs before; when it fails, nothing is built. */
  readonly create: readonly string[] | null;
  /** Runs after, however the build ended. */
  readonly delete: readonly string[] | null;
  /** Seconds between TERM and KILL when a build is ended. */
  readonly killAfter: number;
}

interface Run {
  readonly job: BuildJob;
  /** The directory of this build alone: where the program and its hooks run. */
  readonly tree: string;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
  readonly started: Date;
  readonly options: CommandOptions;
}

/** Seconds that the delete hook gets; nothing else limits it, for it also runs after a build that was stopped. */
const deleteTimeout = 600;

/** A builder that runs the configured program. */
export function commandBuilder(options: CommandOptions): Builder {
  return {
    name: 'command',
    unusable: () => Promise.resolve(missing(options)),
    build: (job, signal, onLog) =>
      recorded(job, 'command', onLog, (log, started) => inTree({ job, log, signal, started, options })),
  };
}

/**
 * Replaces the placeholders of one argument: %p package, %v version (with +bN), %d distribution, %a architecture,
 * %s the source (the .dsc, or NAME_VERSION where the program is to fetch it), %b the directory where the program is to leave
 * its results (of this build alone, removed after it), %n build number, %% a percent sign. Anything else after a percent sign stays as it is.
 */
export function fillIn(argument: string, job: BuildJob, tree: string): string {
  const values: Readonly<Record<string, string>> = {
    p: job.package,
    v: builtVersion(job),
    d: job.distribution,
    a: job.architecture,
    s: job.dscFile ?? `${job.package}_${job.version}`,
    b: tree,
    n: String(job.build),
    '%': '%',
  };
  return argument.replace(/%([pvdasbn%])/g, (_, letter: string) => values[letter] ?? '');
}

const missing = (options: CommandOptions): string | null => {
  const programs = [options.build, options.create, options.delete].flatMap((command) => command?.slice(0, 1) ?? []);
  const absent = programs.find((program) => programPath(program) === null);
  return absent === undefined
    ? null
    : `${absent} is not there or cannot be executed; builder.command in buildd.conf names it`;
};

const inTree = async (build: Omit<Run, 'tree'>): Promise<Verdict> => {
  mkdirSync(build.job.buildDirectory, { recursive: true, mode: 0o750 });
  const tree = createTree(build.job);
  try {
    return await withHooks({ ...build, tree });
  } finally {
    discardTree(tree, build.log);
  }
};

const withHooks = async (build: Run): Promise<Verdict> => {
  const { options, log } = build;
  try {
    if (options.create !== null) {
      log.write(section('Create chroot'));
      const created = await execute(build, options.create);
      const stopped = verdictOfStop(created, 'create-session');
      if (stopped !== null) return stopped;
      if (created.code !== 0)
        return failure('failed', 'create-session', `the create hook ended with ${endOf(created)}`);
    }
    return await runBuild(build);
  } finally {
    if (options.delete !== null) {
      log.write(section('Delete chroot'));
      const never = { ...build, signal: new AbortController().signal, started: systemClock.now() };
      const deleted = await execute({ ...never, job: { ...build.job, buildTimeout: deleteTimeout } }, options.delete);
      if (deleted.code !== 0) log.write(`W: mailbuildd: the delete hook ended with ${endOf(deleted)}\n`);
    }
  }
};

const runBuild = async (build: Run): Promise<Verdict> => {
  build.log.write(section('Build'));
  const binaries = declaredBinaries(build.job.dscFile);
  const began = systemClock.now();
  const ran = await execute(build, build.options.build);
  const verdict = ran.code === 0 ? await handOver(build, binaries) : judged(ran);
  return { ...verdict, buildSeconds: secondsSince(began) };
};

// Without a .changes there is nothing that could ever be signed: a mistake of the configuration or of the program.
const handOver = async ({ job, tree }: Run, binaries: readonly string[] | null): Promise<Verdict> => {
  const changesFile = changesIn(tree, job);
  if (changesFile === null) {
    const left = `the build program ended with 0 but left no ${resultStem(job)}.changes in %b`;
    return failure('failed', 'build', left);
  }
  try {
    moveResults(await checkResults(tree, job), tree, job.buildDirectory, binaries);
    return { ...failure('failed', '', null), result: 'successful', failStage: null, changesFile };
  } catch (error) {
    return failure(error instanceof DataError ? 'attempted' : 'failed', 'build', messageOf(error));
  }
};

const judged = (ran: Supervision): Verdict => {
  const stopped = verdictOfStop(ran, 'build');
  if (stopped !== null) return stopped;
  if (ran.code === 2) return failure('attempted', 'build', null);
  if (ran.code === 3) return failure('given-back', 'install-deps', null);
  return failure('failed', 'build', `the build program ended with ${endOf(ran)}`);
};

const endOf = (ran: Supervision): string =>
  ran.notStarted ?? (ran.signal === null ? `exit code ${ran.code ?? 0}` : ran.signal);

const execute = async (
  { job, tree, log, signal, started, options }: Run,
  command: readonly string[],
): Promise<Supervision> => {
  const [program = '', ...args] = command;
  return supervise({
    ...launched([program, ...args.map((argument) => fillIn(argument, job, tree))], job.niceLevel),
    cwd: tree,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    log,
    signal,
    started,
    buildTimeout: job.buildTimeout,
    stuckTimeout: job.stuckTimeout,
    killAfter: options.killAfter,
    reach: 'everything',
  });
};
