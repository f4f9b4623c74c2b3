import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { perlString, sbuildArguments, sbuildConfiguration } from '../../src/builder/sbuild-command.ts';
import { buildWorld } from '../support/build-world.ts';

const world = buildWorld();
world.remove();
const job = (changed: Parameters<typeof world.job>[0] = {}) =>
  world.job({
    architecture: 'arm64',
    statsDirectory: '/home/buildd/stats',
    buildDirectory: '/home/buildd/build',
    ...changed,
  });

describe('the command line of sbuild', () => {
  it('is the one of a build daemon', () => {
    expect(sbuildArguments(job())).toEqual([
      '--apt-update',
      '--no-apt-upgrade',
      '--no-apt-distupgrade',
      '--no-run-lintian',
      '--batch',
      '--nolog',
      '--stats-dir=/home/buildd/stats',
      '--dist=bookworm',
      '--sbuild-mode=buildd',
      '--no-arch-all',
      '--arch-any',
      '--arch=arm64',
      'greet_1.0',
    ]);
  });

  it('builds only the architecture-independent packages for the architecture all', () => {
    const args = sbuildArguments(job({ architecture: 'all' }));
    expect(args).toContain('--arch-all');
    expect(args).toContain('--no-arch-any');
    expect(args.join(' ')).not.toContain('--arch=');
  });

  it('has everything that the job says, the source last', () => {
    const args = sbuildArguments(
      job({
        chroot: 'bookworm-arm64-sbuild',
        signWith: 'A'.repeat(40),
        maintainer: 'B <b@example.org>',
        mailFrom: 'buildd@example.org',
        binNmu: { number: 3, changelog: "Rebuild; don't ask" },
        extraDepends: 'libfoo (>= 2)',
        extraConflicts: 'libbar',
        buildDepResolver: 'aptitude',
        fileSuffix: 'buildd',
        sbuildArgs: ['--verbose'],
        dscFile: '/src/greet_1.0.dsc',
      }),
    );
    expect(args.slice(12)).toEqual([
      '--chroot=bookworm-arm64-sbuild',
      `--keyid=${'A'.repeat(40)}`,
      '--maintainer=B <b@example.org>',
      '--mailfrom=buildd@example.org',
      '--binNMU=3',
      "--make-binNMU=Rebuild; don't ask",
      '--add-depends=libfoo (>= 2)',
      '--add-conflicts=libbar',
      '--build-dep-resolver=aptitude',
      '--dpkg-file-suffix=-buildd',
      '--verbose',
      '/src/greet_1.0.dsc',
    ]);
  });

  it('names a maintainer for a binNMU, without which sbuild dies', () => {
    expect(sbuildArguments(job({ binNmu: { number: 1, changelog: 'x' } })).join(' ')).toMatch(/ --maintainer=\S/);
  });
});

describe('the configuration of one run', () => {
  it.each(["it's", '\\', "\\'", '$HOME @x', "'; unlink('x'); '", 'ends in \\'])(
    'quotes %s so that Perl reads exactly that',
    (text) => {
      expect(execFileSync('perl', ['-e', `print ${perlString(text)}`], { encoding: 'utf8' })).toBe(text);
    },
  );

  it('is Perl that sets what the command line cannot', () => {
    const text = sbuildConfiguration(job({ buildDirectory: "/home/o'brien/build" }));
    const read = execFileSync(
      'perl',
      [
        '-e',
        `our ($bd_uninstallable_explainer, $mailto, $job_file, $build_dir); eval $ARGV[0] or die; print "$bd_uninstallable_explainer|$mailto|$build_dir"`,
        text,
      ],
      { encoding: 'utf8' },
    );
    expect(read).toBe("||/home/o'brien/build");
  });
});
