// The builder's job out of what was taken and the configuration. Pure.
import type { BuilddConf } from '../config/buildd-conf.ts';
import type { BuildJob } from '../builder/job.ts';
import type { HomePaths } from '../home/paths.ts';
import type { Taken } from './taken.ts';

/** The job for a build of this home. */
export function jobOf(paths: HomePaths, conf: BuilddConf, taken: Taken, number: number): BuildJob {
  const { distribution } = taken;
  return {
    build: number,
    package: taken.package,
    version: taken.version,
    distribution: distribution.dist_name,
    architecture: distribution.built_architecture,
    binNmu: binNmuOf(taken),
    extraDepends: taken.extra_depends,
    extraConflicts: taken.extra_conflicts,
    buildDepResolver: taken.build_dep_resolver ?? distribution.build_dep_resolver ?? null,
    chroot: distribution.sbuild_chroot ?? null,
    signWith: distribution.sign_with ?? null,
    maintainer: distribution.maintainer_name ?? null,
    mailFrom: distribution.mailfrom ?? null,
    dscFile: taken.source_path,
    buildDirectory: paths.build,
    logDirectory: paths.logs,
    statsDirectory: paths.stats,
    home: paths.root,
    niceLevel: conf.nice_level,
    buildTimeout: conf.build_timeout,
    stuckTimeout: conf.stuck_timeout,
    sbuildArgs: conf.sbuild_args,
    fileSuffix: conf.dpkg_file_suffix ?? null,
  };
}

/** The binNMU that a take asks for; null for none. */
export function binNmuOf(taken: Pick<Taken, 'binary_nmu_version' | 'binary_nmu_changelog'>): BuildJob['binNmu'] {
  if (taken.binary_nmu_version === null) return null;
  return { number: taken.binary_nmu_version, changelog: taken.binary_nmu_changelog ?? 'Rebuild' };
}
