// Lists and information, in the forms that people and build daemons read.
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PackageRecord } from '../../src/wanna-build/record.ts';
import { row, storeWorld, type StoreWorld } from '../support/store-world.ts';

let world: StoreWorld | undefined;
afterEach(() => world?.end());
const given = async (...rows: PackageRecord[]): Promise<StoreWorld> => (world = await storeWorld(...rows));
const building = { state: 'Building', previous_state: 'Needs-Build', builder: 'buildd_a', claim: 1 } as const;
const daysAgo = (days: number): Date => new Date(Date.UTC(2026, 10, 20, 9, 0, 0) - days * 86_400_000);

describe('wanna-build --list', () => {
  const packages = (stdout: string): string[] =>
    [...stdout.matchAll(/\/([a-z0-9-]+)_/g)].map((match) => match[1] ?? '');

  it('shows what can be taken, the most urgent first', async () => {
    const { run } = await given(
      row('apfsprogs', { priority: 'optional' }),
      row('klayout', { priority: 'extra', buildpri: 50 }),
      row('busco', { priority: 'extra', notes: 'uncompiled' }),
      row('9mount', { priority: 'optional' }),
      row('waiting', { priority: 'optional', state_change: daysAgo(3) }),
      row('waiting-long', {
        priority: 'optional',
        state_change: daysAgo(30),
        previous_state: 'Failed',
        binary_nmu_version: 2,
      }),
      row('taken', building),
    );
    const { stdout } = await run(['--list=needs-build', '-U', 'nobody']);
    expect(stdout).toBe(
      [
        'misc/klayout_1.0-1 [extra:out-of-date:bp{50}:calprio{88}:days{0}]',
        'misc/waiting-long_1.0-1 [optional:out-of-date:PREV-FAILED:binNMU{2}:calprio{55}:days{30}]',
        'misc/waiting_1.0-1 [optional:out-of-date:calprio{49}:days{3}]',
        'misc/9mount_1.0-1 [optional:out-of-date:calprio{43}:days{0}]',
        'misc/apfsprogs_1.0-1 [optional:out-of-date:calprio{43}:days{0}]',
        'misc/busco_1.0-1 [extra:uncompiled:calprio{18}:days{0}]',
        'Total 6 package(s)',
        '',
      ].join('\n'),
    );
    expect(packages((await run(['--list', 'NEEDS-BUILD', '--order=n'])).stdout)[0]).toBe('9mount');
    expect(packages((await run(['-l', 'needs-build', '--min-age', '2', '--max-age=10'])).stdout)).toEqual(['waiting']);
  });

  it('shows API 2 and --format without totals', async () => {
    const { run } = await given(row('9mount', { version: '1.3-1', priority: 'optional' }));
    expect((await run(['--api', '2', '--list=needs-build'])).stdout).toBe(
      'arm64/sid/9mount_1.3-1 [optional:out-of-date:calprio{43}:days{0}]\n',
    );
    expect((await run(['--list=needs-build', '--format=wanna-build -A %a --give-back %p_%v'])).stdout).toBe(
      'wanna-build -A arm64 --give-back 9mount_1.3-1\n',
    );
  });

  it('hides packages with extra dependencies from API 0', async () => {
    const { run } = await given(row('jq'), row('klystrack', { extra_depends: 'foo' }));
    expect(packages((await run(['--api=0', '--list=needs-build'])).stdout)).toEqual(['jq']);
    expect(packages((await run(['--list=needs-build'])).stdout)).toEqual(['jq', 'klystrack']);
  });

  it('shows all states with reasons and totals', async () => {
    const { run } = await given(
      row('jikespg', { state: 'Failed', builder: 'buildd_a', failed: 'x\n\ny' }),
      row('jnoise', { state: 'Dep-Wait', builder: 'buildd_a', depends: 'foo' }),
      row('busco', { state: 'BD-Uninstallable', bd_problem: 'busco build-depends on missing:\n- hmmer:arm64' }),
      row('nut', { state: 'Installed', notes: null, binary_nmu_version: 1 }),
    );
    expect((await run(['--list=all', '--order=n'])).stdout).toBe(
      [
        'misc/busco_1.0-1: BD-Uninstallable [source:out-of-date:calprio{38}:days{0}]',
        '  Reasons for BD-Uninstallable:',
        '    busco build-depends on missing:',
        '    - hmmer:arm64',
        'misc/jikespg_1.0-1: Failed by buildd_a [source:out-of-date:calprio{38}:days{0}]',
        '  Reasons for failing:',
        '    x',
        '    ',
        '    y',
        'misc/jnoise_1.0-1: Dep-Wait by buildd_a [source:out-of-date:calprio{38}:days{0}]',
        '  Dependencies: foo',
        'misc/nut_1.0-1: Installed [source::calprio{-2}:days{0}]',
        'Total 1 package(s) in state BD-Uninstallable.',
        'Total 1 package(s) in state Dep-Wait.',
        'Total 1 package(s) in state Failed.',
        'Total 1 package(s) in state Installed.',
        'Total 4 package(s)',
        '',
      ].join('\n'),
    );
  });

  it('orders by priority and section elsewhere, and shows only the builder asked for', async () => {
    const { run } = await given(
      row('science-a', { ...building, section: 'science' }),
      row('misc-a', { ...building, builder: 'buildd_a-host1' }),
      row('net-a', { ...building, builder: 'buildd_b', section: 'net' }),
      row('opt-a', { state: 'Failed', priority: 'optional', section: 'science', failed: '' }),
      row('src-b', { state: 'Failed', section: 'net', failed: '' }),
      row('src-a', { state: 'Failed', section: 'misc', failed: '' }),
    );
    expect(packages((await run(['--list=building', '-U', 'buildd_a'])).stdout)).toEqual(['science-a', 'misc-a']);
    expect(packages((await run(['--list=failed'])).stdout)).toEqual(['opt-a', 'src-b', 'src-a']);
  });

  it('fills in every letter of a format', async () => {
    const { run } = await given(
      row('foo', {
        state: 'Failed',
        builder: 'b1',
        failed: 'why',
        binary_nmu_version: 2,
        last_build_time: 3725,
        previous_state: 'Building',
      }),
    );
    const format =
      '%p %v %V %a %d %S %P %u %c %X|%F|%s|%t|%T|%o%O|%q %Q|%r %R|%B%n%{by %u}u%{!no deps}E%{deps %E}E%% %z';
    expect((await run(['--list=failed', `--format=${format}`])).stdout).toBe(
      'foo 1.0-1 1.0-1+b2 arm64 sid Failed Building b1 misc source:out-of-date:binNMU{2}:calprio{39}:days{0}|why|1795165200|' +
        '2026-11-20 09:00:00|0d 0:30:00||3725 1:02:05|3725 1:02:05|2\nby b1no deps% %z\n',
    );
  });

  it('prints JSON', async () => {
    const { run } = await given(row('jq'));
    expect(JSON.parse((await run(['--json', '--list=needs-build'])).stdout)).toMatchObject([
      {
        package: 'jq',
        version: '1.0-1',
        state: 'Needs-Build',
        state_change: '2026-11-20T09:00:00.000Z',
        calculated_priority: 38,
        claim: 0,
      },
    ]);
  });
});

describe('wanna-build --info', () => {
  it('prints keys in their order, long values indented', async () => {
    const { run } = await given(
      row('inspircd', {
        ...building,
        state: 'Failed',
        previous_state: 'Building',
        section: 'net',
        failed: 'make: Error 2\n\nline',
        old_failed: 'old',
      }),
    );
    expect((await run(['--info', 'inspircd'])).stdout).toBe(
      [
        'inspircd:',
        '  Package             : inspircd',
        '  Version             : 1.0-1',
        '  Builder             : buildd_a',
        '  State               : Failed',
        '  Section             : net',
        '  Priority            : source',
        '  Previous-State      : Building',
        '  State-Change        : 2026-11-20 09:00:00.000000',
        '  CalculatedPri       : 38',
        '  component           : main',
        '  Distribution        : sid',
        '  Failed              : make: Error 2',
        '    ',
        '    line',
        '  Notes               : out-of-date',
        '  Old-Failed          : old',
        '  State-Days          : 0',
        '  State-Time          : 1800',
        '',
      ].join('\n'),
    );
  });

  it('prints every key that can be there, sorted regardless of case', async () => {
    const everything = {
      installed_version: '0.9',
      depends: 'x1',
      bd_problem: 'p',
      binary_nmu_version: 1,
      binary_nmu_changelog: 'c',
      buildpri: 1,
      permbuildpri: 2,
      extra_depends: 'd',
      extra_conflicts: 'e',
      rel: 'r',
      old_failed: 'o',
      failed: 'f',
      last_build_time: 60,
      last_successful_build_time: 50,
    };
    const { run } = await given(row('foo', everything));
    const keys = [...(await run(['-i', 'foo'])).stdout.matchAll(/^ {2}(\S+) *:/gm)].map((match) => match[1] ?? '');
    expect(keys.slice(0, 8)).toEqual([
      'Package',
      'Version',
      'State',
      'Section',
      'Priority',
      'Installed-Version',
      'Previous-State',
      'State-Change',
    ]);
    const rest = keys.slice(8);
    expect(rest).toEqual([...rest].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
    expect(rest).toHaveLength(19);
  });

  it('heads each distribution with its name when several are asked for', async () => {
    const { run } = await given(row('foo'), row('foo', { distribution: 'bookworm' }));
    expect((await run(['--dist=all', '--info=foo'])).stdout.match(/^foo.*:$/gm)).toEqual([
      'foo(bookworm):',
      'foo(sid):',
    ]);
    expect((await run(['--dist=stable', '--info=foo'])).stdout).toContain('  Distribution        : bookworm\n');
  });

  it('takes the name also right after -i', async () => {
    const { run } = await given(row('foo'));
    const answers = await Promise.all([['-ifoo'], ['-i', 'foo'], ['--info=foo'], ['-vifoo']].map((args) => run(args)));
    for (const { stdout } of answers) expect(stdout).toMatch(/^foo:\n {2}Package {13}: foo\n/m);
  });

  it('says what is not registered', async () => {
    const { run } = await given();
    expect(await run(['--info', 'zzz'])).toEqual({ stdout: 'zzz: not registered\n', stderr: '', exitCode: 0 });
    expect(JSON.parse((await run(['--json', '--info', 'zzz'])).stdout)).toEqual([
      { package: 'zzz', registered: false },
    ]);
  });
});

describe('what is configured', () => {
  it('is printed as YAML', async () => {
    const { run } = await given();
    expect(parse((await run(['--distribution-architectures'])).stdout)).toEqual({
      sid: ['arm64', 'all'],
      bookworm: ['arm64'],
    });
    expect(parse((await run(['--distribution-aliases'])).stdout)).toEqual({ unstable: 'sid', stable: 'bookworm' });
    expect(parse((await run(['--whoami', '-U', 'buildd_a'])).stdout)).toEqual({ user: 'buildd_a' });
  });
});
