// Runs one program of a build: own process group, output streamed to the log, and an end that always comes. A build
// is hostile: it may ignore TERM, fork away, or print without end. Must never hold output in memory.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { messageOf } from '../platform/errors.ts';
import { signalGroup } from '../platform/run.ts';
import type { BuildLog } from './build-log.ts';
import { killMarked, markVariable } from './marked-processes.ts';
import { openOutputPipe, type OutputPipe } from './output-pipe.ts';

export interface Supervised {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: BuildLog;
  /** When the build began that the program is a part of. */
  readonly started: Date;
  /** Seconds for the whole build; 0: no limit. */
  readonly buildTimeout: number;
  /** Seconds without output; 0: no limit. */
  readonly stuckTimeout: number;
  /** Seconds between TERM and KILL; 120 where it is not said. */
  readonly killAfter?: number;
  /**
   * What is ended with it: its process group only, or also what left the group (but not, for example, a gpg-agent
   * that it started for everybody).
   */
  readonly reach: 'group' | 'everything';
  readonly signal: AbortSignal;
}

/** Why we ended it: told to, too long, too quiet, or the log could not be written. */
export type StopCause = 'aborted' | 'timeout' | 'stuck' | 'log';

export interface Supervision {
  /** Null when a signal ended it or it could not be started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Null: it ended by itself. */
  readonly stopped: StopCause | null;
  /** The line that stands in the log about it; null: it ended by itself. */
  readonly reason: string | null;
  /** It did not heed TERM. */
  readonly killed: boolean;
  /** The program could not be started: one line. */
  readonly notStarted: string | null;
}

const defaultKillAfter = 120;
// After the program's end its children may still hold the pipe: they get so long to finish writing.
const drainMilliseconds = 1000;

/** Runs the program to its end, or ends it. Never rejects for what the program does. */
export async function supervise(task: Supervised): Promise<Supervision> {
  if (task.signal.aborted) return notRun('aborted', reasonLine('aborted', task));
  const mark = randomUUID();
  const pipe = await openOutputPipe();
  const child = spawn(task.program, task.args, {
    cwd: task.cwd,
    env: task.reach === 'everything' ? { ...task.env, [markVariable]: mark } : task.env,
    detached: true,
    stdio: ['ignore', pipe.writeFd, pipe.writeFd],
  });
  pipe.closeWriteEnd();
  const watch = watchOver(child, pipe, task);
  const ended = await new Promise<Pick<Supervision, 'code' | 'signal' | 'notStarted'>>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, notStarted: cannotStart(task, error) });
    });
    child.once('exit', (code, signal) => resolve({ code, signal, notStarted: null }));
  });
  watch.end();
  // What is left of the group, and what left the group.
  signalGroup(child.pid, 'SIGKILL');
  if (task.reach === 'everything') killMarked(mark);
  await pipe.drain(drainMilliseconds);
  return { ...ended, stopped: watch.cause(), reason: watch.reason(), killed: watch.killed() };
}

const notRun = (stopped: StopCause, reason: string): Supervision => ({
  code: null,
  signal: null,
  stopped,
  reason,
  killed: false,
  notStarted: null,
});

const cannotStart = (task: Supervised, error: Error): string => `cannot start ${task.program}: ${messageOf(error)}`;

const reasonLine = (cause: StopCause, task: Supervised): string => {
  switch (cause) {
    case 'aborted':
      return 'the build was stopped by the build daemon';
    case 'timeout':
      return `the build took longer than ${task.buildTimeout} s, stopped`;
    case 'stuck':
      return `no output for ${task.stuckTimeout} s, stopped`;
    case 'log':
      return `the log could not be written (${messageOf(task.log.error())}), stopped`;
  }
};

interface Watch {
  end(): void;
  cause(): StopCause | null;
  reason(): string | null;
  killed(): boolean;
}

const watchOver = (child: ChildProcess, pipe: OutputPipe, task: Supervised): Watch => {
  let cause: StopCause | null = null;
  let killed = false;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (why: StopCause): void => {
    if (cause !== null) return;
    cause = why;
    task.log.write(`\nE: mailbuildd: ${reasonLine(why, task)}\n`);
    signalGroup(child.pid, 'SIGTERM');
    killTimer = setTimeout(
      () => {
        killed = true;
        task.log.write('E: mailbuildd: TERM was not heeded, killed\n');
        signalGroup(child.pid, 'SIGKILL');
      },
      (task.killAfter ?? defaultKillAfter) * 1000,
    );
  };
  const timeout = limit(task.buildTimeout, Date.now() - task.started.getTime(), () => stop('timeout'));
  const quiet = limit(task.stuckTimeout, 0, () => stop('stuck'));
  const abort = (): void => stop('aborted');
  task.signal.addEventListener('abort', abort, { once: true });
  const logFailed = (): void => stop('log');
  task.log.stream.once('error', logFailed);
  pipe.pourInto(task.log.stream, () => quiet.refresh());
  if (task.log.error() !== null) logFailed();
  return {
    end: () => {
      [timeout, quiet, killTimer].forEach((timer) => clearTimeout(timer));
      task.signal.removeEventListener('abort', abort);
      task.log.stream.removeListener('error', logFailed);
    },
    cause: () => cause,
    reason: () => (cause === null ? null : reasonLine(cause, task)),
    killed: () => killed,
  };
};

// setTimeout cannot count further than 2³¹-1 ms, 24 days; what is longer is fired at once by Node.
const longest = 2 ** 31 - 1;
const limit = (seconds: number, passedMilliseconds: number, then: () => void): NodeJS.Timeout => {
  const wanted = seconds === 0 ? longest : seconds * 1000 - passedMilliseconds;
  return setTimeout(then, Math.max(0, Math.min(wanted, longest)));
};
