// What a merge makes of an archive's indexes, row by row.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { mergeIndexes } from '../../src/wanna-build/merge/run.ts';
import { openStore } from '../../src/wanna-build/store/open.ts';
import type { PackageRecord } from '../../src/wanna-build/record.ts';
import { now, row, storeUrl, storeWorld, type Answer, type StoreWorld } from '../support/store-world.ts';

let world: StoreWorld;
afterEach(() => world.end());

const source = (name: string, version: string, more = ''): string =>
  `Package: ${name}\nBinary: ${name}\nVersion: ${version}\nArchitecture: any\nSection: misc\nPriority: optional\n`.replace(
    /^(Binary|Architecture): .*\n/gm,
    (line, field: string) => (more.includes(`${field}:`) ? '' : line),
  ) + `${more}\n`;
const binary = (name: string, version: string, architecture = 'arm64', from = ''): string =>
  `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\n${from === '' ? '' : `Source: ${from}\n`}\n`;

const merge = async (
  rows: PackageRecord[],
  sources: string[],
  binaries: string[],
  ...options: string[]
): Promise<Answer> => {
  world = await storeWorld(...rows);
  return again(sources, binaries, ...options);
};
const again = (sources: string[], binaries: string[], ...options: string[]): Promise<Answer> => {
  writeFileSync(join(world.home, 'Sources'), sources.join(''));
  writeFileSync(join(world.home, 'Packages.arm64'), binaries.join(''));
  return world.run([...options, '--merge-v3', join(world.home, 'Packages.%ARCH%'), '.', join(world.home, 'Sources')]);
};

describe('--merge-v3 of a package that is not registered', () => {
  it.each<[string, string, string[], Partial<PackageRecord> | null]>([
    [
      'uncompiled',
      source('foo', '1'),
      [],
      {
        state: 'Needs-Build',
        notes: 'uncompiled',
        version: '1',
        section: 'misc',
        priority: 'optional',
        previous_state: null,
      },
    ],
    [
      'out-of-date',
      source('foo', '2'),
      [binary('foo', '1')],
      { state: 'Needs-Build', notes: 'out-of-date', version: '2' },
    ],
    [
      'installed',
      source('foo', '1'),
      [binary('foo', '1')],
      { state: 'Installed', installed_version: '1', notes: null, binary_nmu_version: null },
    ],
    [
      'installed as a binNMU',
      source('foo', '1'),
      [binary('foo', '1+b2', 'arm64', 'foo (1)'), binary('libfoo', '1+b1', 'arm64', 'foo (1)')],
      { state: 'Installed', installed_version: '1', binary_nmu_version: 2 },
    ],
    [
      'the newest of several versions',
      source('foo', '1') + source('foo', '3') + source('foo', '2'),
      [],
      { version: '3' },
    ],
    ['arch-all only', source('foo', '1', 'Architecture: all\n'), [], null],
    [
      'not for this architecture',
      source('foo', '1', 'Architecture: amd64 i386\n'),
      [],
      { state: 'Auto-Not-For-Us', notes: 'arch-not-in-arch-list' },
    ],
    ['a wildcard', source('foo', '1', 'Architecture: linux-any all\n'), [], { state: 'Needs-Build' }],
    [
      'binaries of another architecture only',
      source('foo', '1'),
      [binary('foo', '1', 'amd64')],
      { state: 'Needs-Build', notes: 'uncompiled' },
    ],
    [
      'every binary provided by a newer arch-all package',
      source('foo', '1'),
      [binary('foo', '2', 'all', 'bar')],
      { state: 'Auto-Not-For-Us', notes: 'overwritten-by-arch-all' },
    ],
    [
      'an arch-all package older than its source',
      source('foo', '2'),
      [binary('foo', '1', 'all')],
      { state: 'Needs-Build', notes: 'uncompiled' },
    ],
    [
      'a source index that is behind',
      source('foo', '1', 'Binary: foo,\n foo-doc\n'),
      [binary('foo-doc', '2', 'arm64', 'foo')],
      null,
    ],
    [
      'a component',
      source('foo', '1').replace('Section: misc', 'Section: contrib/net'),
      [],
      { section: 'net', component: 'contrib' },
    ],
  ])('%s', async (_what, sources, binaries, expected) => {
    expect(await merge([], [sources], binaries)).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    const record = await world.record('foo');
    if (expected === null) expect(record).toBeNull();
    else expect(record).toMatchObject(expected);
    expect(await world.log('foo')).toHaveLength(expected === null ? 0 : 1);
  });

  it('obeys Packages-arch-specific', async () => {
    await merge([], [], []);
    writeFileSync(join(world.home, 'Pas'), '%foo: amd64\nbar: !arm64\n');
    await again([source('foo', '1'), source('bar', '1'), source('baz', '1')], [], '--Pas', join(world.home, 'Pas'));
    expect([await world.record('foo'), await world.record('bar')]).toEqual([null, null]);
    expect(await world.record('baz')).not.toBeNull();
  });
});

describe('a row that moves while a merge decides', () => {
  const mergeWhile = async (
    rows: PackageRecord[],
    sources: string[],
    binaries: string[],
    meanwhile: () => Promise<unknown>,
  ) => {
    world = await storeWorld(...rows);
    const paths = ['Sources', 'Packages'].map((name) => join(world.home, name));
    writeFileSync(paths[0] ?? '', sources.join(''));
    writeFileSync(paths[1] ?? '', binaries.join(''));
    const store = await openStore(storeUrl, world.home);
    try {
      return await mergeIndexes(store, {
        distribution: 'sid',
        architecture: 'arm64',
        sources: paths.slice(0, 1),
        packages: paths.slice(1),
        mode: 'write',
        architectureRules: null,
        user: 'root',
        realUser: 'root',
        time: now,
        // Asked after the rows were read, before anything is written.
        queue: async () => {
          await meanwhile();
          return 'Needs-Build';
        },
      });
    } finally {
      await store.close();
    }
  };

  it('is decided again: a take of the newer version is not undone', async () => {
    await mergeWhile([row('foo'), row('bar')], [source('foo', '2'), source('bar', '2')], [], () =>
      world.run(['-U', 'b1', 'foo_2']),
    );
    expect(await world.record('foo')).toMatchObject({ state: 'Building', version: '2', builder: 'b1' });
    expect(await world.record('bar')).toMatchObject({ state: 'Needs-Build', version: '2' });
  });

  it('is decided again when it appeared or vanished', async () => {
    const added = async (): Promise<void> => {
      await world.run(['-o', '-U', 'b1', 'foo_2']);
      await world.run(['--forget', 'bar_1.0-1']);
    };
    await mergeWhile([row('bar')], [source('foo', '2'), source('bar', '2')], [], added);
    expect(await world.record('foo')).toMatchObject({ state: 'Building', builder: 'b1' });
    expect(await world.record('bar')).toMatchObject({ state: 'Needs-Build', version: '2', previous_state: null });
  });
});

describe('--merge-v3 of a package that is registered', () => {
  const building = { state: 'Building', builder: 'b1', claim: 2, previous_state: 'Needs-Build' } as const;
  it.each<[string, Partial<PackageRecord>, string, string[], Partial<PackageRecord>]>([
    [
      'Uploaded becomes Installed',
      { ...building, state: 'Uploaded', extra_depends: 'x1', source_path: '/x.dsc' },
      '1.0-1',
      [binary('foo', '1.0-1')],
      {
        state: 'Installed',
        previous_state: 'Uploaded',
        installed_version: '1.0-1',
        extra_depends: null,
        source_path: null,
      },
    ],
    ['Building stays at the same version', building, '1.0-1', [], { ...building, notes: 'uncompiled' }],
    [
      'Building yields to a new version',
      { ...building, buildpri: 5, permbuildpri: 6 },
      '2',
      [],
      { state: 'Needs-Build', version: '2', builder: null, buildpri: null, permbuildpri: 6, claim: 2 },
    ],
    [
      'a newer version that somebody took is left alone',
      { ...building, version: '3' },
      '2',
      [],
      { ...building, version: '3' },
    ],
    [
      'a newer version that somebody took is left alone also where the older one is installed',
      { ...building, version: '3' },
      '2',
      [binary('foo', '2')],
      { ...building, version: '3' },
    ],
    [
      'a newer version that was added by hand waits on',
      { version: '3', source_path: '/x.dsc' },
      '2',
      [binary('foo', '2')],
      { state: 'Needs-Build', version: '3', source_path: '/x.dsc' },
    ],
    [
      'an older version in the archive counts, where nobody builds the newer one',
      { version: '3' },
      '2',
      [],
      { state: 'Needs-Build', version: '2' },
    ],
    [
      'Failed keeps its reason aside',
      { state: 'Failed', failed: 'no' },
      '2',
      [],
      { state: 'Needs-Build', failed: null, old_failed: '-------------------- 1.0-1 --------------------\nno' },
    ],
    [
      'Not-For-Us survives',
      { state: 'Not-For-Us' },
      '2',
      [binary('foo', '1.0-1')],
      { state: 'Not-For-Us', version: '1.0-1' },
    ],
    [
      'Auto-Not-For-Us enters the queue when it becomes for us',
      { state: 'Auto-Not-For-Us' },
      '1.0-1',
      [],
      { state: 'Needs-Build' },
    ],
    [
      'Installed is built again when its binaries are gone',
      { state: 'Installed' },
      '1.0-1',
      [],
      { state: 'Needs-Build', notes: 'uncompiled' },
    ],
    [
      'a binNMU that is being built is due still',
      { ...building, binary_nmu_version: 2 },
      '1.0-1',
      [binary('foo', '1.0-1+b1')],
      { ...building, binary_nmu_version: 2, notes: 'out-of-date' },
    ],
    [
      'a binNMU that is there is done',
      { ...building, binary_nmu_version: 2 },
      '1.0-1',
      [binary('foo', '1.0-1+b2')],
      { state: 'Installed', binary_nmu_version: 2 },
    ],
  ])('%s', async (_what, changes, version, binaries, expected) => {
    await merge([row('foo', changes)], [source('foo', version)], binaries);
    expect(await world.record('foo')).toMatchObject(expected);
  });

  it('removes what vanished, with a row in the log, but not what was added by hand', async () => {
    await merge([row('foo'), row('byhand', { source_path: '/x.dsc' })], [source('bar', '1')], []);
    expect(await world.record('foo')).toBeNull();
    expect(await world.log('foo')).toMatchObject([{ action: 'vanished', version: '1.0-1' }]);
    expect(await world.record('byhand')).not.toBeNull();
  });

  it('writes nothing the second time', async () => {
    const sources = [source('foo', '1'), source('bar', '2'), source('nfu', '1', 'Architecture: amd64\n')];
    const binaries = [binary('foo', '1+b1', 'arm64', 'foo (1)')];
    await merge([], sources, binaries);
    const first = await Promise.all(['foo', 'bar', 'nfu'].map((name) => world.record(name)));
    expect((await again(sources, binaries, '-v')).stdout.trim().split('\n')).toHaveLength(1);
    expect(await Promise.all(['foo', 'bar', 'nfu'].map((name) => world.record(name)))).toEqual(first);
    expect(await world.log('foo')).toHaveLength(1);
  });

  it('says with --verbose what it did and what it skipped', async () => {
    const { stdout } = await merge(
      [],
      [source('foo', '1'), source('bar', '1')],
      [binary('bar', '2', 'arm64', 'bar (2)')],
      '-v',
    );
    expect(stdout.split('\n').slice(1)).toEqual([
      'merge-v3 2026 Nov 20 09:30:00 bar_1 (arm64, sid): skipped because binaries (assumed to be) overwritten (bar, 1 vs. 2)',
      'merge-v3 2026 Nov 20 09:30:00 foo_1 (arm64, sid): (none) -> Needs-Build',
      '',
    ]);
  });

  it('shows what vanished as gone', async () => {
    const { stdout } = await merge([row('foo')], [source('bar', '1')], [], '-v');
    expect(stdout).toContain(' foo_1.0-1 (arm64, sid): Needs-Build -> (none)\n');
  });

  it('changes nothing with --simulate, and shows what it would', async () => {
    const { stdout } = await merge([row('foo'), row('jq')], [source('jq', '2'), source('bar', '1')], [], '--simulate');
    expect(
      stdout
        .replaceAll(/, as \S+$/gm, '')
        .split('\n')
        .sort(),
    ).toEqual([
      '',
      '2026-11-20T09:30:00Z bar_1 (arm64, sid): would merge-v3: (none) -> Needs-Build',
      '2026-11-20T09:30:00Z foo_1.0-1 (arm64, sid): would vanished: Needs-Build -> (none)',
      '2026-11-20T09:30:00Z jq_2 (arm64, sid): would merge-v3: Needs-Build -> Needs-Build',
    ]);
    expect(await world.record('bar')).toBeNull();
    expect(await world.record('jq')).toMatchObject({ version: '1.0-1' });
    expect(await world.log('foo')).toEqual([]);
  });
});

describe('an index that somebody made to do harm', () => {
  it('brings no control characters into lists', async () => {
    const evil = source('foo', '1').replace('misc', 'mi\u001b[2Jsc').replace('optional', 'o p');
    await merge([], [evil], []);
    expect(await world.record('foo')).toMatchObject({ section: null, priority: null });
    expect((await world.run(['--list=needs-build'])).stdout).toMatch(/^unknown\/foo_1 \[:uncompiled:/);
  });

  it('is refused as a whole when a binary names no version of its source', async () => {
    const answer = await merge([row('foo')], [source('foo', '2')], [binary('foo', '2', 'arm64', 'foo (\u001b2)')]);
    expect(answer.stderr).toMatch(/: foo: Source has no version in its parentheses: "\?2"\n$/);
    expect(answer.exitCode).toBe(65);
    expect(await world.record('foo')).toMatchObject({ version: '1.0-1' });
  });

  it('may leave out the architectures: then the source is for none', async () => {
    await merge([], [source('foo', '1').replace('Architecture: any\n', '')], []);
    expect(await world.record('foo')).toMatchObject({ state: 'Auto-Not-For-Us', notes: 'arch-not-in-arch-list' });
  });
});
