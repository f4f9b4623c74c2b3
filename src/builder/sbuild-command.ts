// sbuild's command line and the configuration file of one run. Pure. Everything that can be said on the command
// line is said there; the file has the rest.
import { withoutEpoch } from '../debian/version.ts';
import type { BuildJob } from './job.ts';

/** The arguments of sbuild(1) for a job. `--nolog`: the log comes out of standard output, we write the file. */
export function sbuildArguments(job: BuildJob): string[] {
  const given = (name: string, value: string | null): string[] => (value === null ? [] : [`--${name}=${value}`]);
  const binNmu = job.binNmu === null ? [] : [`--binNMU=${job.binNmu.number}`, `--make-binNMU=${job.binNmu.changelog}`];
  const suffix = job.fileSuffix === null ? null : `-${job.fileSuffix.replace(/^-/, '')}`;
  return [
    ...['--apt-update', '--no-apt-upgrade', '--no-apt-distupgrade', '--no-run-lintian', '--batch', '--nolog'],
    `--stats-dir=${job.statsDirectory}`,
    `--dist=${job.distribution}`,
    '--sbuild-mode=buildd',
    ...(job.architecture === 'all'
      ? ['--arch-all', '--no-arch-any']
      : ['--no-arch-all', '--arch-any', `--arch=${job.architecture}`]),
    ...given('chroot', job.chroot),
    ...given('keyid', job.signWith),
    ...given('maintainer', job.maintainer ?? (job.binNmu === null ? null : 'mailbuildd <buildd@localhost>')),
    ...given('mailfrom', job.mailFrom),
    ...binNmu,
    ...given('add-depends', job.extraDepends),
    ...given('add-conflicts', job.extraConflicts),
    ...given('build-dep-resolver', job.buildDepResolver),
    ...given('dpkg-file-suffix', suffix),
    ...job.sbuildArgs,
    job.dscFile ?? `${job.package}_${job.version}`,
  ];
}

/** A Perl string literal that is exactly the text (perlop: in single quotes only `\` and `'` mean something). */
export function perlString(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/**
 * The file that SBUILD_CONFIG names. No explainer of uninstallable build dependencies: it costs up to 25 s and can
 * hide that the package is to be given back. No mail: the log mail is ours.
 */
export function sbuildConfiguration(job: BuildJob): string {
  const progress = `${job.buildDirectory}/build-progress-${job.package}_${withoutEpoch(job.version)}-${job.build}`;
  return [
    `$bd_uninstallable_explainer = '';`,
    `$mailto = '';`,
    `$job_file = ${perlString(progress)};`,
    `$build_dir = ${perlString(job.buildDirectory)};`,
    '1;',
    '',
  ].join('\n');
}
