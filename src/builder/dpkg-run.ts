// One program of a build by the dpkg builder: in its sandbox, or beside it for what fetches the source. Must never
// run anything that the package brings outside of the sandbox.
import { join } from 'node:path';
import type { BuildLog } from './build-log.ts';
import type { BuildJob } from './job.ts';
import { launched } from './launch.ts';
import { buildEnvironment, sandboxCommand } from './sandbox.ts';
import { supervise, type Supervision } from './supervise.ts';

export interface DpkgBuild {
  readonly job: BuildJob;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
  readonly started: Date;
  /** The directory of this build. */
  readonly tree: string;
  readonly sandbox: 'bubblewrap' | 'none';
  readonly network: 'none' | 'host';
  readonly killAfter: number;
}

/** Where the source is unpacked. */
export const sourceDirectory = (build: DpkgBuild): string => join(build.tree, 'source');

/** Runs a command in a directory of the tree, its output into the log. */
export async function inside(
  build: DpkgBuild,
  command: readonly string[],
  place: { readonly where: string; readonly isolation?: 'none' },
): Promise<Supervision> {
  const { job, log, signal, tree, killAfter } = build;
  const isolated = build.sandbox === 'bubblewrap' && place.isolation !== 'none';
  const wrapped = isolated
    ? sandboxCommand({ writable: tree, directory: place.where, home: job.home, network: build.network })
    : [];
  return supervise({
    ...launched([...wrapped, ...command], job.niceLevel),
    cwd: isolated ? tree : place.where,
    env: { ...buildEnvironment(), ...(place.isolation === 'none' ? { HOME: job.home } : {}) },
    log,
    signal,
    started: build.started,
    buildTimeout: job.buildTimeout,
    stuckTimeout: job.stuckTimeout,
    killAfter,
    reach: 'everything',
  });
}
