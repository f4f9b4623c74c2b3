// What somebody reads who reports, gives back, fails, or changes what is known of a package.
import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { PackageRecord } from '../../src/wanna-build/record.ts';
import { now, row, storeWorld, type StoreWorld } from '../support/store-world.ts';

let world: StoreWorld | undefined;
afterEach(() => world?.end());
const given = async (...rows: PackageRecord[]): Promise<StoreWorld> => (world = await storeWorld(...rows));
const withoutRevision = (stdout: string): string => stdout.replace(/^wanna-build Revision: .*\n/, '');
const building = { state: 'Building', previous_state: 'Needs-Build', builder: 'buildd_a', claim: 1 } as const;

describe('reports', () => {
  it.each(['built', 'attempted', 'uploaded'])(
    '--%s says with --verbose what was registered, and nothing without',
    async (command) => {
      const { run } = await given(row('jackd2', building), row('jigit', building));
      expect(withoutRevision((await run(['-v', `--${command}`, '-U', 'buildd_a', 'jackd2_1.0-1'])).stdout)).toBe(
        `jackd2: registered as ${command}\n`,
      );
      expect(await run([`--${command}`, '-U', 'buildd_a', 'jigit_1.0-1'])).toEqual({
        stdout: '',
        stderr: '',
        exitCode: 0,
      });
    },
  );

  it('shows each refusal on a line, goes on, and exits 0', async () => {
    const { run, record } = await given(
      row('ino-headers'),
      row('jackd2', { ...building, builder: 'buildd_b' }),
      row('jq', building),
    );
    expect(
      await run(['--built', '-U', 'buildd_a', 'ino-headers_1.0-1', 'jackd2_1.0-1', 'zzz_1', 'justname', 'jq_1.0-1']),
    ).toEqual({
      stdout: [
        'ino-headers: skipping: state is Needs-Build, not in Building, Build-Attempted',
        'jackd2: not taken by you, but by buildd_b. Skipping.',
        'zzz: not registered yet.',
        "justname: can't extract package name and version (bad format)",
        '',
      ].join('\n'),
      stderr: '',
      exitCode: 0,
    });
    expect((await record('jq'))?.state).toBe('Built');
  });

  it('exits 3 for a refusal with --strict', async () => {
    const { run } = await given(row('jq'));
    expect((await run(['--strict', '--built', 'jq_1.0-1'])).exitCode).toBe(3);
    expect((await run(['--strict', '--no-build', 'jq_1.0-1'])).exitCode).toBe(0);
  });

  it('refuses the report of an earlier take', async () => {
    const { run, record } = await given(row('jq', { ...building, claim: 2 }));
    expect((await run(['--built', '-U', 'buildd_a', '--claim', '1', 'jq_1.0-1'])).stdout).toBe(
      'jq: claim 1 is not the last one (2). Skipping.\n',
    );
    expect((await record('jq'))?.state).toBe('Building');
    await run(['--built', '-U', 'buildd_a', '--claim=2', 'jq_1.0-1']);
    expect((await record('jq'))?.state).toBe('Built');
  });

  it('reads a fail reason from standard input up to a line with a dot', async () => {
    const { run } = await given(row('inspircd', building));
    const { stdout } = await run(
      ['-v', '--failed', '-U', 'buildd_a', 'inspircd_1.0-1'],
      'make: Error 2\n\nline four\n.\nnot this\n',
    );
    expect(withoutRevision(stdout)).toBe('inspircd: registered as failed\n');
    expect(
      withoutRevision((await run(['-v', '-f', '-U', 'buildd_a', '-m', 'second message', 'inspircd_1.0-1'])).stdout),
    ).toBe('# inspircd: already registered as failed; will append new message\ninspircd: registered as failed\n');
    expect((await run(['--info', 'inspircd'])).stdout).toContain(
      '  Failed              : make: Error 2\n    \n    line four\n    second message\n',
    );
  });

  it('reads a dependency list from one line of standard input', async () => {
    const { run, record } = await given(row('iperf', building));
    await run(['--dep-wait', '-U', 'buildd_a', 'iperf_1.0-1'], 'libfoo-dev (>= 1.2), bar\nnot this\n');
    expect(await record('iperf')).toMatchObject({ state: 'Dep-Wait', depends: 'libfoo-dev (>= 1.2), bar' });
    expect((await run(['--dep-wait', '-m', 'foo | bar', '-U', 'buildd_a', 'iperf_1.0-1'])).stdout).toBe(
      'iperf: Bad dependency list\n',
    );
  });

  it.each([
    ['--failed', 'wanna-build: No fail reason given\n'],
    ['--dep-wait', 'wanna-build: No dependencies given\n'],
    ['--binNMU=1', 'wanna-build: No changelog given\n'],
  ])('%s without a text changes nothing and exits 64', async (option, stderr) => {
    const { run, log } = await given(row('iperf', { state: 'Installed' }));
    expect(await run([option, 'iperf_1.0-1'])).toEqual({ stdout: '', stderr, exitCode: 64 });
    expect(await log('iperf')).toEqual([]);
  });

  it('shows warnings as comments at API 1, plain at API 0', async () => {
    const { run } = await given(row('jnoise'), row('jikespg'));
    expect((await run(['--dep-wait', '-m', 'foo', 'jnoise_1.0-1'])).stdout).toBe(
      '# jnoise: warning: state is Needs-Build, processing anyways.\n',
    );
    expect((await run(['--api=0', '--failed', '-m', 'x', 'jikespg_1.0-1'])).stdout).toBe(
      'jikespg: warning: state is Needs-Build, processing anyways.\n',
    );
  });

  it('gives back, says why not, and how to force it', async () => {
    const { run, record } = await given(row('jq', building), row('iperf', { state: 'Dep-Wait', depends: 'x1' }));
    expect((await run(['--give-back', '-U', 'buildd_a', 'jq_1.0-1', 'iperf_1.0-1'])).stdout).toBe(
      'iperf: waiting for source dependencies. Skipping\n  (use --override to clear dependency list and give back anyway)\n',
    );
    expect(await record('jq')).toMatchObject({
      state: 'Needs-Build',
      builder: null,
      previous_state: 'Building',
      state_change: now,
    });
    expect((await run(['-o', '--needs-build', 'iperf_1.0-1'])).stdout).toBe(
      '# iperf: Forcing source dependency list to be cleared\n',
    );
  });

  it('schedules a binNMU and registers what is not for us', async () => {
    const { run } = await given(row('2048', { state: 'Installed' }), row('kd'));
    expect(withoutRevision((await run(['-v', '--binNMU', '1', '-m', 'Rebuild', '2048_1.0-1'])).stdout)).toBe(
      '2048: registered for binNMU 1.0-1+b1\n',
    );
    expect((await run(['--binary-nmu=1', '-m', 'x', 'kd_1.0-1'])).stdout).toBe(
      "kd_1.0-1: not installed; can't register for binNMU.\n",
    );
    expect(withoutRevision((await run(['-v', '-n', 'kd_1.0-1'])).stdout)).toBe('kd: registered as unsuitable\n');
    expect(withoutRevision((await run(['-v', '--not-for-us', 'kd_1.0-1'])).stdout)).toBe(
      'kd: now not unsuitable anymore\n',
    );
  });

  it('sets priorities and extra dependencies, and clears them', async () => {
    const { run, record } = await given(row('klayout'));
    expect(withoutRevision((await run(['-v', '--build-priority=50', 'klayout_1.0-1'])).stdout)).toBe(
      'klayout: set to build priority 50\n',
    );
    await run(['--permanent-build-priority', '-5', '--extra-depends', 'foo (>= 1)', 'klayout_1.0-1']);
    expect(await record('klayout')).toMatchObject({ buildpri: 50, permbuildpri: -5, extra_depends: 'foo (>= 1)' });
    await run(['--update', '--extra-depends=', '--build-priority', '0', 'klayout_1.0-1']);
    expect(await record('klayout')).toMatchObject({ buildpri: null, permbuildpri: -5, extra_depends: null });
  });

  it('forgets a package', async () => {
    const { run, record, log } = await given(row('jq'));
    expect(withoutRevision((await run(['-v', '--forget', 'jq_1.0-1'])).stdout)).toBe('jq: deleted from database\n');
    expect(await record('jq')).toBeNull();
    expect(await log('jq')).toMatchObject([{ action: 'forget', state: 'Needs-Build', version: '1.0-1' }]);
    expect((await run(['--history', 'jq'])).stdout).toMatch(/ forget: Needs-Build -> \(none\) by /);
  });

  it('forgets a package also by its bare name, as nothing else is done', async () => {
    const { run, record } = await given(row('jq'), row('2048'));
    expect(withoutRevision((await run(['-v', '--forget', 'jq'])).stdout)).toBe('jq: deleted from database\n');
    expect(await record('jq')).toBeNull();
    expect((await run(['--no-build', '2048'])).stdout).toBe(
      "2048: can't extract package name and version (bad format)\n",
    );
    expect((await record('2048'))?.state).toBe('Needs-Build');
  });

  it('prints a history as one JSON list', async () => {
    const { run } = await given(row('jq'), row('jigit'));
    await run(['--take', 'jq_1.0-1', 'jigit_1.0-1']);
    const { stdout } = await run(['-v', '--json', '--history', 'jq', 'jigit']);
    expect(JSON.parse(stdout)).toMatchObject([{ package: 'jq' }, { package: 'jigit' }]);
  });

  it('logs every change, and simulates without any', async () => {
    const { run, record, log } = await given(row('jq'));
    expect((await run(['--simulate', '-U', 'buildd_a', '--take', 'jq_1.0-1'])).stdout).toMatch(
      /^2026-11-20T09:30:00Z jq_1\.0-1 \(arm64, sid\): would take: Needs-Build -> Building by buildd_a, as \S+\n$/,
    );
    expect((await record('jq'))?.state).toBe('Needs-Build');
    expect(await log('jq')).toEqual([]);
    await run(['-U', 'buildd_a', 'jq_1.0-1']);
    await run(['-U', 'buildd_a', '--attempted', 'jq_1.0-1']);
    expect(await log('jq')).toMatchObject([
      {
        time: now,
        action: 'take',
        previous_state: 'Needs-Build',
        state: 'Building',
        builder: 'buildd_a',
        intent: null,
      },
      { time: now, action: 'attempted', previous_state: 'Building', state: 'Build-Attempted', builder: 'buildd_a' },
    ]);
  });

  it('wakes the daemon when there is something to take', async () => {
    const { run, home } = await given(row('jq', building), row('jigit', building));
    const wake = join(home, 'build', 'wake');
    await run(['-U', 'buildd_a', '--built', 'jq_1.0-1']);
    expect(existsSync(wake)).toBe(false);
    await run(['-U', 'buildd_a', '--give-back', 'jq_1.0-1']);
    expect(existsSync(wake)).toBe(true);
    utimesSync(wake, 0, 0);
    await run(['-U', 'buildd_a', '--give-back', 'jigit_1.0-1']);
    expect(statSync(wake).mtime).toEqual(now);
  });
});

describe('wanna-build --add', () => {
  const dsc =
    'Source: foo\nBinary: foo\nArchitecture: any\nVersion: 2.0-1\nPackage-List:\n foo deb libs optional arch=any\n';

  it('registers a source and remembers where it lies', async () => {
    const { run, record, home } = await given();
    const path = join(home, 'foo_2.0-1.dsc');
    writeFileSync(path, dsc);
    expect(withoutRevision((await run(['-v', '--add', path])).stdout)).toBe('foo: registered 2.0-1\n');
    expect(await record('foo')).toMatchObject({
      version: '2.0-1',
      state: 'Needs-Build',
      section: 'libs',
      priority: 'optional',
      source_path: path,
    });
    expect((await run(['--list=needs-build'])).stdout).toBe(
      'libs/foo_2.0-1 [optional:uncompiled:calprio{27}:days{0}]\nTotal 1 package(s)\n',
    );
  });

  it('brings in a newer version, and leaves the same one as far as it is', async () => {
    const { run, record, home } = await given(row('foo', { ...building, installed_version: '0.9-1' }));
    const path = join(home, 'foo.dsc');
    writeFileSync(path, dsc);
    await run(['--add', path]);
    expect(await record('foo')).toMatchObject({
      version: '2.0-1',
      state: 'Needs-Build',
      builder: null,
      notes: 'out-of-date',
      claim: 1,
    });
    await run(['-U', 'b1', 'foo_2.0-1']);
    expect((await run(['--add', path])).stdout).toBe('# foo: Note: 2.0-1 is registered already (Building).\n');
    writeFileSync(path, dsc.replace('2.0-1', '1.0-2'));
    expect((await run(['--add', path])).stdout).toBe('foo: newer version 2.0-1 is registered already. Skipping.\n');
  });

  it.each([
    ['Source: foo\nVersion: 1\nArchitecture: amd64\n', 'foo is for amd64, not for arm64'],
    ['Source: foo\nVersion: 1\nArchitecture: all\n', 'foo is for all, not for arm64'],
    ['hello', 'line 1: not a field: hello'],
  ])('exits 65 with one line for a file that is none (%#)', async (text, message) => {
    const { run, home, record } = await given();
    const path = join(home, 'foo.dsc');
    writeFileSync(path, text);
    expect(await run(['--add', path])).toEqual({
      stdout: '',
      stderr: `wanna-build: ${path}: ${message}\n`,
      exitCode: 65,
    });
    expect(await record('foo')).toBeNull();
  });

  it('exits 65 for what is no file, without reading it to the end', async () => {
    const { run, home } = await given();
    for (const path of ['/dev/zero', home])
      expect(await run(['--add', path])).toEqual({
        stdout: '',
        stderr: `wanna-build: ${path}: is no regular file; a .dsc is expected\n`,
        exitCode: 65,
      });
  });

  it('exits 65 for a file that is not there', async () => {
    const { run, home } = await given();
    const { stderr, exitCode } = await run(['--add', join(home, 'nosuch.dsc')]);
    expect(stderr).toMatch(/^wanna-build: \S+nosuch\.dsc: no such file\n$/);
    expect(exitCode).toBe(65);
  });
});
