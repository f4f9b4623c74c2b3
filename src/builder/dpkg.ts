// The builder without a chroot: dpkg-source, dpkg-checkbuilddeps, dpkg-buildpackage in a light sandbox. For hosts
// without sbuild, and for trying mailbuildd out. Must never run anything of the package outside of the sandbox.
import { mkdirSync } from 'node:fs';
import { programPath } from '../platform/program-path.ts';
import { run } from '../platform/run.ts';
import { harmless } from '../platform/logger.ts';
import { createTree, discardTree, diskUsed } from './build-tree.ts';
import type { BuildLog } from './build-log.ts';
import type { Builder } from './builder.ts';
import { buildSteps } from './dpkg-steps.ts';
import type { BuildJob } from './job.ts';
import { section } from './log-format.ts';
import { recorded, type Verdict } from './recording.ts';
import { sandboxCommand } from './sandbox.ts';

interface DpkgOptions {
  /** `none`: everything runs as the buildd itself, only with its environment scrubbed. */
  readonly sandbox: 'bubblewrap' | 'none';
  readonly network: 'none' | 'host';
  /** Seconds between TERM and KILL when a build is ended. */
  readonly killAfter: number;
}

/** A builder that needs nothing but dpkg-dev, a compiler, and bubblewrap unless that is switched off. */
export function dpkgBuilder(options: DpkgOptions): Builder {
  return {
    name: 'dpkg',
    unusable: async () => missingProgram(options) ?? (options.sandbox === 'bubblewrap' ? sandboxProblem() : null),
    build: (job, signal, onLog) =>
      recorded(job, 'dpkg', onLog, (log, started) => inTree(job, log, { job, log, signal, started, ...options })),
  };
}

const missingProgram = (options: DpkgOptions): string | null => {
  for (const program of ['dpkg-source', 'dpkg-buildpackage', 'dpkg-checkbuilddeps']) {
    if (programPath(program) === null)
      return `${program} is not installed, the dpkg builder needs it: apt-get install dpkg-dev build-essential`;
  }
  if (options.sandbox === 'bubblewrap' && programPath('bwrap') === null) {
    return 'bwrap is not installed, the dpkg builder isolates builds with it: apt-get install bubblewrap, or set bubblewrap = false in [builder]';
  }
  return null;
};

const sandboxProblem = async (): Promise<string | null> => {
  const [program = 'bwrap', ...args] = sandboxCommand({ writable: '/dev', directory: '/', home: '/', network: 'none' });
  const tried = await run(program, [...args, 'true'], { timeoutSeconds: 30 });
  if (tried.code === 0) return null;
  return `bubblewrap cannot make a sandbox here (${harmless(tried.stderr.toString('utf8'))}): allow user namespaces, or set bubblewrap = false in [builder]`;
};

const inTree = async (
  job: BuildJob,
  log: BuildLog,
  context: Omit<Parameters<typeof buildSteps>[0], 'tree'>,
): Promise<Verdict> => {
  mkdirSync(job.buildDirectory, { recursive: true, mode: 0o750 });
  const tree = createTree(job);
  try {
    const verdict = await buildSteps({ ...context, tree });
    return { ...verdict, diskUsed: await diskUsed(tree) };
  } finally {
    log.write(`${section('Cleanup').slice(0, -1)}Purging ${tree}\n`);
    discardTree(tree, log);
  }
};
