// The log file of one build: made once, appended to by us and by the programs of the build, whole on disk at the
// end. Must never hold the log in memory and never write into a file that was there before.
import { createWriteStream, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { rfc3339 } from '../platform/clock.ts';
import { systemCodeOf } from '../platform/errors.ts';
import { withoutEpoch } from '../debian/version.ts';
import type { Writable } from 'node:stream';
import type { BuildJob } from './job.ts';
import { builtVersion } from './log-format.ts';

export interface BuildLog {
  readonly path: string;
  /** What the programs write goes in here; it pushes back when the disk is slow. */
  readonly stream: Writable;
  write(text: string): void;
  /** What went wrong while writing (`ENOSPC`), or null. */
  error(): Error | null;
  /** Resolves when everything is in the file. Never rejects; see error(). */
  close(): Promise<void>;
}

const mostOfOneSecond = 1000;

/**
 * Creates `NAME_VERSION_ARCH-YYYY-MM-DDTHH:MM:SSZ` in the log directory, with `-2` … where that exists.
 * @throws the system's error where the directory cannot be written.
 */
export function createBuildLog(job: BuildJob, started: Date): BuildLog {
  mkdirSync(job.logDirectory, { recursive: true, mode: 0o750 });
  const name = `${job.package}_${withoutEpoch(builtVersion(job))}_${job.architecture}-${rfc3339(started)}`;
  for (let number = 1; number <= mostOfOneSecond; number += 1) {
    const path = join(job.logDirectory, number === 1 ? name : `${name}-${number}`);
    try {
      return onFile(path, openSync(path, 'ax', 0o640));
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error;
    }
  }
  throw new Error(`cannot create a log: there are ${mostOfOneSecond} logs named ${name} in ${job.logDirectory}`);
}

const onFile = (path: string, fd: number): BuildLog => {
  const stream = createWriteStream(path, { fd, highWaterMark: 256 * 1024 });
  let failure: Error | null = null;
  stream.on('error', (error) => {
    failure ??= error;
  });
  return {
    path,
    stream,
    write: (text) => {
      if (failure === null && !stream.writableEnded) stream.write(text);
    },
    error: () => failure,
    close: async () => {
      if (stream.closed) return;
      await new Promise<void>((resolve) => {
        stream.once('close', () => resolve());
        stream.end();
      });
    },
  };
};
