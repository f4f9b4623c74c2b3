// A home for builder tests: the directories of a job in a temporary directory, and a job with what a test changes.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Builder } from '../../src/builder/builder.ts';
import type { BuildJob } from '../../src/builder/job.ts';
import type { BuildOutcome } from '../../src/builder/outcome.ts';

export interface BuildWorld {
  readonly root: string;
  readonly home: string;
  readonly sources: string;
  job(changed?: Partial<BuildJob>): BuildJob;
  /** Builds and returns the outcome with the text of the log. */
  build(builder: Builder, job: BuildJob, signal?: AbortSignal): Promise<BuildOutcome & { readonly log: string }>;
  remove(): void;
}

/** This machine's architecture. */
export const hostArchitecture = (): string =>
  execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();

/** Makes the world; remove() takes it away again. */
export function buildWorld(parent = tmpdir()): BuildWorld {
  const root = mkdtempSync(join(parent, 'mailbuildd-test-'));
  const home = join(root, 'home');
  const sources = join(root, 'sources');
  mkdirSync(sources);
  mkdirSync(home);
  const defaults: BuildJob = {
    build: 7,
    package: 'greet',
    version: '1.0',
    distribution: 'bookworm',
    architecture: hostArchitecture(),
    binNmu: null,
    extraDepends: null,
    extraConflicts: null,
    buildDepResolver: null,
    chroot: null,
    signWith: null,
    maintainer: null,
    mailFrom: null,
    dscFile: null,
    buildDirectory: join(home, 'build'),
    logDirectory: join(home, 'logs'),
    statsDirectory: join(home, 'stats'),
    home,
    niceLevel: 0,
    buildTimeout: 600,
    stuckTimeout: 300,
    sbuildArgs: [],
    fileSuffix: null,
  };
  return {
    root,
    home,
    sources,
    job: (changed) => ({ ...defaults, ...changed }),
    build: async (builder, job, signal = new AbortController().signal) => {
      const outcome = await builder.build(job, signal, () => undefined);
      return { ...outcome, log: outcome.logFile === null ? '' : readFileSync(outcome.logFile, 'utf8') };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
