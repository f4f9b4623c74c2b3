// Whether sbuild can work here, asked before a package is taken: nothing is worse than taking what cannot be built.
import { join } from 'node:path';
import { readTextIfThere } from '../platform/atomic-file.ts';
import { programPath } from '../platform/program-path.ts';
import { run } from '../platform/run.ts';
import type { Builder } from './builder.ts';

/** Says in one line why sbuild cannot build for the job; null when it can. */
export async function sbuildProblem(
  job: Parameters<Builder['unusable']>[0],
  sbuildArgs: readonly string[],
): Promise<string | null> {
  if (programPath('sbuild') === null)
    return 'sbuild is not installed: apt-get install sbuild schroot, or set builder = "dpkg"';
  if (usesOtherChroots(sbuildArgs) || programPath('schroot') === null) return null;
  const base = job.chroot ?? job.distribution;
  const names = [base, `${base}-${job.architecture}-sbuild`, `${base}-${job.architecture}`, `${base}-sbuild`];
  for (const name of names) {
    const { code } = await run('schroot', ['--info', '--chroot', name], { timeoutSeconds: 60 });
    if (code === 0) return null;
  }
  return `there is no schroot chroot ${names.slice(0, 2).join(' or ')}: make one (sbuild-createchroot) or name it in sbuild_chroot`;
}

// unshare and the like know their chroots by other means; sbuild itself says when one is missing.
const usesOtherChroots = (sbuildArgs: readonly string[]): boolean =>
  sbuildArgs.some((argument) => argument.startsWith('--chroot-mode')) ||
  ['/etc/sbuild/sbuild.conf', join(process.env['HOME'] ?? '/', '.sbuildrc')].some((path) =>
    /^\s*\$chroot_mode/m.test(readTextIfThere(path) ?? ''),
  );
