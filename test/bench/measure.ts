// Times whole processes, in pairs: the program and one that does nothing, in turn, so that a machine which becomes
// slower meanwhile slows both. Figures are medians over the pairs, in milliseconds.
import { spawn } from 'node:child_process';

export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

interface TimedCall {
  readonly milliseconds: number;
  /** What performance.now() was when it was started. */
  readonly began: number;
}

/** Every call ends by itself; one that does not is a defect, and the benchmark must not hang on it. */
const longestCallSeconds = 120;

/** Runs a program until it has exited. @throws Error when it does not exit with 0 */
export function timed({ program, args, input, env }: Call): Promise<TimedCall> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(program, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
      env: env ?? process.env,
      timeout: longestCallSeconds * 1000,
      killSignal: 'SIGKILL',
    });
    let ended = began;
    const said: Buffer[] = [];
    child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
    child.once('error', reject);
    child.once('exit', () => (ended = performance.now()));
    child.once('close', (code, signal) => {
      if (code === 0) resolve({ milliseconds: ended - began, began });
      else
        reject(new Error(`${program} ${args.join(' ')}: ${code ?? signal ?? '?'} ${Buffer.concat(said).toString()}`));
    });
    child.stdin?.end(input);
  });
}

export interface Sample {
  readonly milliseconds: number;
  readonly baseline: number;
}

/** One pair after the other, each time the other one first; the first pair warms up and is not counted. */
export async function inPairs(
  pairs: number,
  measured: (round: number) => Promise<number>,
  baseline: () => Promise<number>,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round <= pairs; round += 1) {
    const before = round % 2 === 0 ? await baseline() : null;
    const milliseconds = await measured(round);
    const sample = { milliseconds, baseline: before ?? (await baseline()) };
    if (round > 0) samples.push(sample);
  }
  return samples;
}

/** The middle one; the mean of the two in the middle where there are two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[sorted.length / 2 - 1] ?? Number.NaN)) / 2;
}
