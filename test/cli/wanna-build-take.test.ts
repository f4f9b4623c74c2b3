// What a taker reads, in both forms of the output.
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PackageRecord } from '../../src/wanna-build/record.ts';
import { row, storeWorld, type StoreWorld } from '../support/store-world.ts';

let world: StoreWorld | undefined;
afterEach(() => world?.end());
const given = async (...rows: PackageRecord[]): Promise<StoreWorld> => (world = await storeWorld(...rows));

const building = { state: 'Building', previous_state: 'Needs-Build', builder: 'buildd_a', claim: 1 } as const;

describe('wanna-build --take', () => {
  it('answers with one YAML list at API 1', async () => {
    const { run, record } = await given(row('inspircd', { version: '3.15.0-1', section: 'net' }));
    const { stdout, exitCode } = await run(['--api', '1', '--take', '-U', 'buildd_a', 'inspircd_3.15.0-1']);
    expect(stdout).toBe(
      [
        '- inspircd:',
        '    - status: ok',
        '    - pkg-ver: inspircd_3.15.0-1',
        '    - suite: sid',
        '    - arch: arm64',
        '    - archive: debian',
        '    - build_dep_resolver: apt',
        '    - claim: 1',
        '',
      ].join('\n'),
    );
    expect(exitCode).toBe(0);
    expect(await record('inspircd')).toMatchObject({ state: 'Building', builder: 'buildd_a', claim: 1 });
  });

  it('takes without being told the command, with "--api 1" as one argument and an empty argument', async () => {
    const { run } = await given(row('jq'));
    const { stdout } = await run(['--api 1', '', '--user=buildd_a', 'jq_1.0-1.dsc']);
    expect(parse(stdout)).toMatchObject([{ jq: [{ status: 'ok' }, { 'pkg-ver': 'jq_1.0-1' }, {}, {}, {}, {}, {}] }]);
  });

  it('keeps mixed results one document that a YAML parser reads', async () => {
    const { run } = await given(
      row('jigit', { version: '1.22-3' }),
      row('jackd2', { ...building, builder: 'buildd_b' }),
      row('busco', { state: 'BD-Uninstallable' }),
    );
    const { stdout, exitCode } = await run([
      '-U',
      'buildd_a',
      'jigit_1.22-3',
      'jackd2_1.0-1',
      'busco_1.0-1',
      'justname',
      'no-such_1',
    ]);
    expect(parse(stdout)).toEqual([
      { jigit: expect.arrayContaining([{ status: 'ok' }, { claim: 1 }]) as unknown },
      { jackd2: [{ status: 'not ok' }, { reason: 'already taken by buildd_b' }] },
      { busco: [{ status: 'not ok' }, { reason: 'source dependencies are not installable' }] },
      { justname: [{ status: 'not ok' }, { reason: "can't extract package name and version (bad format)" }] },
      { 'no-such': [{ status: 'not ok' }, { reason: 'not registered yet' }] },
    ]);
    expect(exitCode).toBe(0);
  });

  it('exits 3 with --strict when one of several is refused', async () => {
    const { run, record } = await given(row('jigit'), row('busco', { state: 'BD-Uninstallable' }));
    expect((await run(['--strict', 'jigit_1.0-1', 'busco_1.0-1'])).exitCode).toBe(3);
    expect((await record('jigit'))?.state).toBe('Building');
  });

  it.each<[string, Partial<PackageRecord>, string, string]>([
    ['Not-For-Us', { state: 'Not-For-Us' }, '1.0-1', 'not suitable for this architecture'],
    ['Auto-Not-For-Us', { state: 'Auto-Not-For-Us' }, '1.0-1', 'not suitable for this architecture'],
    ['Dep-Wait', { state: 'Dep-Wait', depends: 'foo' }, '1.0-1', 'not all source dependencies available yet'],
    [
      'the same version Uploaded',
      { ...building, state: 'Uploaded', builder: 'buildd_b' },
      '1.0-1',
      'already uploaded by buildd_b',
    ],
    [
      'a newer version Uploaded',
      { ...building, state: 'Uploaded', builder: 'buildd_b' },
      '0.1',
      'already uploaded by buildd_b (in newer version 1.0-1)',
    ],
    ['Installed', { state: 'Installed' }, '1.0-1', "is up-to-date in the archive; doesn't need rebuilding"],
    ['a newer version waiting', {}, '0.0.1', 'newer version 1.0-1 needs building, not 0.0.1'],
    [
      'the same version Failed',
      { state: 'Failed', failed: 'make: *** [Makefile:12: all] Error 2\nline two\n\nline four' },
      '1.0-1',
      'build of 1.0-1 failed previously:\n    make: *** [Makefile:12: all] Error 2\n    line two\n    \n    line four',
    ],
  ])('refuses %s and says why', async (_what, changes, version, reason) => {
    const { run, record } = await given(row('foo', changes));
    const { stdout } = await run(['-U', 'buildd_a', `foo_${version}`]);
    expect(parse(stdout)).toEqual([{ foo: [{ status: 'not ok' }, { reason }] }]);
    expect((await record('foo'))?.claim).toBe(changes.claim ?? 0);
  });

  it('puts notes before the document as comments', async () => {
    const { run, record } = await given(row('jackd2', building));
    const { stdout } = await run(['-o', '-U', 'buildd_b', 'jackd2_1.0-1']);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '# User buildd_a had already taken the following package,',
      '# but overriding this as you request:',
      '- jackd2:',
    ]);
    expect(await record('jackd2')).toMatchObject({ builder: 'buildd_b', claim: 2 });
  });

  it('answers what is yours already with its claim, and a note', async () => {
    const { run, record } = await given(row('jackd2', { ...building, claim: 4 }));
    const { stdout } = await run(['-U', 'buildd_a', 'jackd2_1.0-1']);
    expect(stdout).toContain('# jackd2: Note: already taken by you.\n- jackd2:\n');
    expect(stdout).toContain('- claim: 4\n');
    expect((await record('jackd2'))?.state_change).toEqual(row('x').state_change);
  });

  it('gives a new claim when you take your own attempted build again', async () => {
    const { run, record } = await given(row('jackd2', { ...building, state: 'Build-Attempted', claim: 4 }));
    expect((await run(['-U', 'buildd_a', 'jackd2_1.0-1'])).stdout).toContain('- claim: 5\n');
    expect(await record('jackd2')).toMatchObject({ state: 'Building', previous_state: 'Build-Attempted' });
  });

  it('hands a binNMU and extra dependencies over', async () => {
    const { run } = await given(
      row('2048', {
        binary_nmu_version: 1,
        binary_nmu_changelog: 'Rebuild against libfoo2',
        extra_depends: 'foo (>= 1)',
      }),
    );
    expect((await run(['2048_1.0-1+b1'])).stdout).toContain(
      '    - binNMU: 1\n    - extra-changelog: Rebuild against libfoo2\n    - extra-depends: foo (>= 1)\n',
    );
  });

  it('never takes a version with a binNMU number for a source version', async () => {
    const { run, record } = await given(row('2048', { binary_nmu_version: 2 }), row('jq'));
    await run(['2048_1.0-1+b1', 'jq_2.0-1+b3']);
    expect(await record('2048')).toMatchObject({ state: 'Building', version: '1.0-1', binary_nmu_version: 2 });
    expect(await record('jq')).toMatchObject({ state: 'Building', version: '2.0-1', binary_nmu_version: null });
  });

  it('warns that the version before failed', async () => {
    const { run } = await given(row('foo', { state: 'Failed', version: '0.9-1', failed: 'no' }));
    const { stdout } = await run(['foo_1.0-1']);
    expect(stdout).toContain('# foo: Warning: Previous version failed!\n');
    expect(stdout).toContain('- previous-failed: true\n');
  });

  it('speaks API 0 with --verbose, and without it shows only notes and refusals', async () => {
    const { run } = await given(
      row('iperf'),
      row('jq', { ...building }),
      row('2048', { binary_nmu_version: 1, binary_nmu_changelog: 'Rebuild' }),
    );
    const { stdout } = await run([
      '-v',
      '--api',
      '0',
      '--take',
      '-U',
      'buildd_b',
      'iperf_1.0-1',
      'jq_1.0-1',
      '2048_1.0-1',
    ]);
    const [revision, ...rest] = stdout.split('\n');
    expect(revision).toMatch(
      /^wanna-build Revision: \S+ for sid on arm64 - #--home=\S+#--dist=sid#--arch=arm64#-v#--api#0#--take#/,
    );
    expect(rest).toEqual([
      'iperf: ok',
      'jq: NOT OK!',
      '  already taken by buildd_a',
      '2048: Warning: needs binary NMU 1',
      'Rebuild',
      '2048: aok',
      '',
    ]);
    expect((await run(['--api', '0', '--take', '-U', 'buildd_b', 'iperf_1.0-1', 'jq_1.0-1'])).stdout).toBe(
      'iperf: Note: already taken by you.\njq: NOT OK!\n  already taken by buildd_a\n',
    );
  });

  it('prints JSON', async () => {
    const { run } = await given(row('jq'));
    const answer: unknown = JSON.parse((await run(['-v', '--json', 'jq_1.0-1', 'xx_1'])).stdout);
    expect(answer).toMatchObject([
      { package: 'jq', distribution: 'sid', architecture: 'arm64', status: 'ok', version: '1.0-1', claim: 1 },
      { package: 'xx', status: 'not ok', reason: 'not registered yet' },
    ]);
  });
});
