// Uploading with dupload, which reads its own configuration (/etc/dupload.conf, ~/.dupload.conf) and writes the
// .upload log itself. Nothing is added to its command line.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, type RunResult } from '../platform/run.ts';
import type { UploadQueue } from './queue.ts';

export interface Attempt {
  readonly ok: boolean;
  /** What the program said, complete; for the admin when it failed. */
  readonly output: string;
}

const longestUploadSeconds = 4 * 3600;
const longestOutput = 4 * 1024 * 1024;

/**
 * Runs `dupload --to NAME FILE.changes` in the queue directory.
 * @param home the buildd home: a .dupload.conf there is used, else that of the login's home.
 */
export async function dupload(
  queue: UploadQueue,
  changesName: string,
  home: string,
  path: string | undefined,
): Promise<Attempt> {
  const result = await run('dupload', ['--to', queue.archive, changesName], {
    cwd: queue.directory,
    env: {
      ...process.env,
      ...(path === undefined ? {} : { PATH: path }),
      ...(existsSync(join(home, '.dupload.conf')) ? { HOME: home } : {}),
    },
    timeoutSeconds: longestUploadSeconds,
    maxOutputBytes: longestOutput,
  });
  const said = `${result.stdout.toString('utf8')}${result.stderr.toString('utf8')}`.trimEnd();
  return { ok: result.code === 0, output: [ending(result), said].filter((part) => part !== '').join('\n') };
}

const ending = (result: RunResult): string => {
  if (result.notStarted !== null)
    return `dupload could not be started (${result.notStarted}); install the package dupload`;
  if (result.timedOut) return `dupload was stopped after ${longestUploadSeconds / 3600} hours`;
  if (result.code === 0) return '';
  return `dupload ended with ${result.code === null ? `signal ${result.signal ?? '?'}` : `exit code ${result.code}`}`;
};
