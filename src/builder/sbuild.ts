// The builder for real: sbuild in a clean chroot. It says how a build ended by exit code and summary, but not who
// sent it a signal: that we know. Must never leave a schroot session behind.
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir, hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { createBuildLog, type BuildLog } from './build-log.ts';
import { createTree, discardTree } from './build-tree.ts';
import type { Builder } from './builder.ts';
import type { BuildJob } from './job.ts';
import { buildUser, launched, type BuildUser } from './launch.ts';
import { banner, summary } from './log-format.ts';
import { tailLines } from './log-excerpt.ts';
import { summaryOf } from './log-summary.ts';
import type { BuildOutcome } from './outcome.ts';
import { failure, outcomeOf, type Verdict } from './recording.ts';
import { keyringOf } from './results.ts';
import { sbuildProblem } from './sbuild-available.ts';
import { endSession } from './schroot-session.ts';
import { sbuildArguments, sbuildConfiguration } from './sbuild-command.ts';
import { takeResults } from './sbuild-results.ts';
import { sbuildVerdict } from './sbuild-verdict.ts';
import { declaredBinaries } from './source-files.ts';
import { supervise, type Supervision } from './supervise.ts';

interface SbuildOptions {
  /** Runs sbuild as this user (only root can); null: as who we are. */
  readonly user: string | null;
  /** Extra arguments, as in the job; they can choose another kind of chroot. */
  readonly sbuildArgs: readonly string[];
  /** Seconds between TERM and KILL when a build is ended. */
  readonly killAfter: number;
}

/** A builder that drives sbuild(1). */
export function sbuildBuilder(options: SbuildOptions): Builder {
  return {
    name: 'sbuild',
    unusable: (job) => sbuildProblem(job, options.sbuildArgs),
    build: (job, signal, onLog) => build(job, signal, onLog, options),
  };
}

const build = async (
  job: BuildJob,
  signal: AbortSignal,
  onLog: (path: string) => void,
  options: SbuildOptions,
): Promise<BuildOutcome> => {
  const started = systemClock.now();
  let log: BuildLog;
  let user: BuildUser | null;
  try {
    user = await buildUser(options.user);
    prepareDirectories([job.buildDirectory, job.statsDirectory], user);
    log = createBuildLog(job, started);
  } catch (error) {
    return outcomeOf(failure('failed', 'init', `the build could not be prepared: ${messageOf(error)}`), null, started);
  }
  onLog(log.path);
  const verdict = await inTree(job, { log, signal, started, user, killAfter: options.killAfter }).catch(
    (error: unknown) => failure('failed', 'init', messageOf(error)),
  );
  await finishLog(job, log, verdict, started);
  return outcomeOf(verdict, log.path, started);
};

interface Run {
  readonly log: BuildLog;
  readonly signal: AbortSignal;
  readonly started: Date;
  readonly user: BuildUser | null;
  readonly killAfter: number;
}

// Results and statistics are written by the user that sbuild runs as.
const prepareDirectories = (paths: readonly string[], user: BuildUser | null): void => {
  for (const path of paths) {
    mkdirSync(path, { recursive: true, mode: 0o750 });
    if (user !== null) chownSync(path, user.uid, user.gid);
  }
};

// sbuild puts its results into a directory of this build alone: a build chooses their names, and build/ has those of
// other packages.
const inTree = async (job: BuildJob, run: Run): Promise<Verdict> => {
  const tree = createTree(job);
  try {
    if (run.user !== null) chownSync(tree, run.user.uid, run.user.gid);
    const binaries = declaredBinaries(job.dscFile);
    const ran = await runSbuild({ ...job, buildDirectory: tree }, run);
    return await verdictOn(job, { tree, binaries, log: run.log }, ran);
  } finally {
    discardTree(tree, run.log);
  }
};

const runSbuild = async (job: BuildJob, { log, signal, started, user, killAfter }: Run): Promise<Supervision> => {
  const scratch = mkdtempSync(join(tmpdir(), 'mailbuildd-sbuild-'));
  try {
    // Readable for the user that sbuild runs as; it holds no secret.
    chmodSync(scratch, 0o755);
    const configuration = join(scratch, 'sbuild.conf');
    writeFileSync(configuration, sbuildConfiguration(job), { mode: 0o644 });
    const keyring = keyringOf(job.home);
    const ended = await supervise({
      ...launched(['sbuild', ...sbuildArguments(job)], job.niceLevel, user),
      cwd: job.buildDirectory,
      env: {
        ...process.env,
        HOME: job.home,
        LC_ALL: 'C.UTF-8',
        SBUILD_CONFIG: configuration,
        ...(keyring === null ? {} : { GNUPGHOME: keyring }),
      },
      log,
      signal,
      started,
      buildTimeout: job.buildTimeout,
      stuckTimeout: job.stuckTimeout,
      killAfter,
      reach: 'group',
    });
    // A killed sbuild cleans nothing up: its build and its chroot would go on.
    if (ended.signal !== null || ended.killed) await endSession(log, job);
    return ended;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

interface Left {
  readonly tree: string;
  /** What a .dsc of our own declares; one that sbuild fetches never leaves its chroot. */
  readonly binaries: readonly string[] | null;
  readonly log: BuildLog;
}

const verdictOn = async (job: BuildJob, { tree, binaries, log }: Left, ran: Supervision): Promise<Verdict> => {
  const lines = await tailLines(log.path, 300);
  const verdict = sbuildVerdict(ran, summaryOf(lines), lines);
  return verdict.result === 'successful' ? takeResults(job, tree, binaries, verdict) : verdict;
};

// Every log ends with a summary that is true, also when sbuild could not write its own or we refuse what it made.
const finishLog = async (job: BuildJob, log: BuildLog, verdict: Verdict, started: Date): Promise<void> => {
  const lines = await tailLines(log.path, 300);
  if (lines.length === 0) log.write(banner(job, 'sbuild', hostname(), started));
  const written = summaryOf(lines);
  if (written === null || (written.status === 'successful' && verdict.result !== 'successful')) {
    if (verdict.remark !== null) log.write(`E: ${verdict.remark}\n`);
    log.write(summary(job, { ...verdict, started, finished: systemClock.now() }));
  }
  await log.close();
};
