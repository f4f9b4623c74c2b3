// Runs the project's own commands and a few system programs, as a user would type them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const bin = join(import.meta.dirname, '..', 'bin');

/** The path of one of our commands. */
export function command(name: string): string {
  return join(bin, name);
}

/** Runs a program to its end and returns its output. @throws Error with what it said when it fails */
export function call(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string | Buffer; readonly env?: NodeJS.ProcessEnv } = {},
): string {
  const result = spawnSync(program, args, {
    cwd: options.cwd,
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  if (result.error) throw new Error(`${program} could not be started: ${result.error.message}`);
  if (result.status !== 0) {
    const said = `${result.stderr}${result.stdout}`.trim().split('\n').slice(-3).join(' / ');
    throw new Error(
      `${program} ${args.slice(0, 3).join(' ')} … ended with ${result.status ?? result.signal ?? '?'}: ${said}`,
    );
  }
  return result.stdout;
}

/** Waits until the condition gives a value. @throws Error naming what did not happen, after the seconds */
export async function until<T>(what: string, seconds: number, condition: () => T | null): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const value = condition();
    if (value !== null) return value;
    if (performance.now() > end) throw new Error(`${what}: did not happen within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
