// What every build of ours has around it: a log with banner and summary, times, and an outcome, whatever happens
// inside. Must never let a build end without an outcome.
import { hostname } from 'node:os';
import { systemClock } from '../platform/clock.ts';
import { harmless } from '../platform/logger.ts';
import { messageOf } from '../platform/errors.ts';
import { createBuildLog, type BuildLog } from './build-log.ts';
import type { Builder } from './builder.ts';
import type { BuildJob } from './job.ts';
import { banner, section, summary } from './log-format.ts';
import type { BuildOutcome, Result } from './outcome.ts';
import type { Supervision } from './supervise.ts';

/** How a build, or a step of one, ended. */
export interface Verdict {
  readonly result: Result;
  readonly failStage: string | null;
  readonly remark: string | null;
  readonly changesFile: string | null;
  /** Seconds of the build proper. */
  readonly buildSeconds: number;
  /** KiB. */
  readonly diskUsed: number | null;
}

/** Seconds since a moment. */
export function secondsSince(moment: Date): number {
  return (systemClock.now().getTime() - moment.getTime()) / 1000;
}

/** A verdict without results. */
export function failure(result: Exclude<Result, 'successful'>, failStage: string, remark: string | null): Verdict {
  return { result, failStage, remark, changesFile: null, buildSeconds: 0, diskUsed: null };
}

/**
 * The verdict on a program that we ended or that never started; null where it ended by itself. A build that is too
 * slow or hangs is the package's fault; the same in a step before it is the machine's or the network's.
 */
export function verdictOfStop(supervision: Supervision, stage: string): Verdict | null {
  if (supervision.notStarted !== null) return failure('failed', stage, supervision.notStarted);
  switch (supervision.stopped) {
    case null:
      return null;
    case 'aborted':
      return failure('aborted', 'abort', supervision.reason);
    case 'log':
      return failure('failed', stage, supervision.reason);
    case 'timeout':
    case 'stuck':
      return failure(stage === 'build' ? 'attempted' : 'failed', stage, supervision.reason);
  }
}

/** Runs a build between the banner and the summary of its log. Never rejects. */
export async function recorded(
  job: BuildJob,
  name: Builder['name'],
  onLog: (path: string) => void,
  body: (log: BuildLog, started: Date) => Promise<Verdict>,
): Promise<BuildOutcome> {
  const started = systemClock.now();
  let log: BuildLog;
  try {
    log = createBuildLog(job, started);
  } catch (error) {
    return outcomeOf(failure('failed', 'init', `the log could not be created: ${messageOf(error)}`), null, started);
  }
  log.write(banner(job, name, hostname(), started));
  onLog(log.path);
  const verdict = await body(log, started).catch((error: unknown) => failure('failed', 'init', messageOf(error)));
  if (verdict.remark !== null) log.write(`${section('Remark').slice(0, -1)}${harmless(verdict.remark)}\n`);
  log.write(summary(job, { ...verdict, started, finished: systemClock.now() }));
  await log.close();
  return outcomeOf(withLogFailure(verdict, log), log.path, started);
}

// A log with holes in it must not go to the admin as if it were whole.
const withLogFailure = (verdict: Verdict, log: BuildLog): Verdict => {
  const error = log.error();
  if (error === null || verdict.result === 'aborted') return verdict;
  return {
    ...verdict,
    result: 'failed',
    failStage: 'log',
    remark: `the log could not be written: ${messageOf(error)}`,
  };
};

/** The outcome of a build that ended now. */
export function outcomeOf(verdict: Verdict, logFile: string | null, started: Date): BuildOutcome {
  const { result, failStage, remark, changesFile, diskUsed } = verdict;
  return { result, failStage, remark, logFile, changesFile, started, finished: systemClock.now(), diskUsed };
}
