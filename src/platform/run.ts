// Runs a program: no shell, an argument array, its own process group, a time limit, bounded output.
// The whole group is ended (TERM, then KILL), so that nothing it started stays behind.
import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to standard input, which is closed after it; without it standard input is /dev/null. */
  readonly input?: string | Uint8Array;
  /** Seconds until the group gets TERM, and 10 seconds later KILL. */
  readonly timeoutSeconds: number;
  /** Bytes of standard output and standard error that are kept, each; what comes after is dropped. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly timedOut: boolean;
  /** The program could not be started: the system's code, ENOENT or EACCES. */
  readonly notStarted: string | null;
}

const killAfterSeconds = 10;

/** Runs a program to its end. Never rejects for what the program does; see RunResult. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const limit = options.maxOutputBytes ?? 16 * 1024 * 1024;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const stdout = new Gathered(limit);
    const stderr = new Gathered(limit);
    child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
    let timedOut = false;
    let killTimer: NodeJS.Timeout | undefined;
    const end = (): void => {
      signalGroup(child.pid, 'SIGTERM');
      killTimer ??= setTimeout(() => signalGroup(child.pid, 'SIGKILL'), killAfterSeconds * 1000);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, options.timeoutSeconds * 1000);
    options.signal?.addEventListener('abort', end, { once: true });
    let done = false;
    const finish = (code: number | null, signal: NodeJS.Signals | null, notStarted: string | null): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      clearTimeout(killTimer);
      options.signal?.removeEventListener('abort', end);
      resolve({ code, signal, stdout: stdout.whole(), stderr: stderr.whole(), timedOut, notStarted });
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) finish(null, null, error.code ?? error.message);
    });
    child.once('close', (code, signal) => finish(code, signal, null));
    // A program that exits without reading its input must not end us with EPIPE.
    child.stdin?.on('error', () => undefined);
    if (options.input !== undefined) child.stdin?.end(options.input);
    if (options.signal?.aborted) end();
  });
}

/** Sends a signal to a process group; no group any more is no error. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: already gone.
  }
}

class Gathered {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    const room = this.#limit - this.#size;
    if (room <= 0) return;
    const kept = chunk.subarray(0, room);
    this.#chunks.push(kept);
    this.#size += kept.length;
  }

  whole(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
