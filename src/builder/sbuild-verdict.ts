// What sbuild's end means: exit code, summary, and who sent the signal. Pure. sbuild calls a build that somebody
// stopped `attempted`; the package must not be blamed for that.
import { harmless } from '../platform/logger.ts';
import type { LogSummary } from './log-summary.ts';
import type { Result } from './outcome.ts';
import { failure, type Verdict } from './recording.ts';
import type { Supervision } from './supervise.ts';

const abortLine = /^E: ABORT: Received (?:TERM|INT|ALRM|PIPE) signal/;

/** sbuild(1), "EXIT STATUS": 0 successful, 2 attempted, 3 given back, else a local problem. */
const resultOfCode = (code: number | null, summary: LogSummary | null): Result => {
  if (code === 0) return 'successful';
  if (code === 2) return 'attempted';
  if (code === 3) return 'given-back';
  // Not for this architecture: nothing here can change that, so it is the package's to answer for.
  return summary?.status === 'skipped' ? 'attempted' : 'failed';
};

/**
 * Judges a finished run.
 * @param lines the last lines of the log.
 */
export function sbuildVerdict(ran: Supervision, summary: LogSummary | null, lines: readonly string[]): Verdict {
  const measured = { buildSeconds: summary?.buildSeconds ?? 0, diskUsed: summary?.spaceKiB ?? null };
  return { ...judged(ran, summary, lines), ...measured };
}

const judged = (ran: Supervision, summary: LogSummary | null, lines: readonly string[]): Verdict => {
  if (ran.notStarted !== null) return failure('failed', 'init', ran.notStarted);
  const result = resultOfCode(ran.code, summary);
  // It was done before our signal reached it.
  if (result === 'successful') return { ...failure('failed', '', null), result, failStage: null };
  const stage = summary?.failStage ?? (result === 'attempted' ? 'build' : 'init');
  if (ran.stopped === 'aborted') return failure('aborted', 'abort', ran.reason);
  if (ran.stopped === 'log') return failure('failed', stage, ran.reason);
  if (ran.stopped !== null) return failure(stage === 'build' ? 'attempted' : 'failed', stage, ran.reason);
  if (ran.signal !== null)
    return failure('failed', 'abort', `sbuild was ended by ${ran.signal}, not by the build daemon`);
  if (lines.some((line) => abortLine.test(line)))
    return failure('failed', 'abort', 'somebody stopped sbuild, not the build daemon');
  return failure(result, stage, result === 'failed' ? lastError(lines, ran) : null);
};

const lastError = (lines: readonly string[], ran: Supervision): string => {
  const line = lines.findLast((text) => text.startsWith('E: ')) ?? lines.findLast((text) => text.trim() !== '');
  const code = ran.code ?? 0;
  return line === undefined
    ? `sbuild ended with exit code ${code}`
    : `sbuild ended with exit code ${code}: ${harmless(line)}`;
};
