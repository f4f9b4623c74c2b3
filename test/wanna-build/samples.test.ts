// Every recorded answer of the existing server, asked of ours: the same words, but for the slips that the
// specification names. What differs on purpose stands in the table below, with the reason and with our answer.
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/wanna-build/store/open.ts';
import type { PackageRecord } from '../../src/wanna-build/record.ts';
import { rowOfInfo, rowsOfList } from '../support/sample-rows.ts';
import { row, storeUrl, storeWorld, type StoreWorld } from '../support/store-world.ts';
import { isSpecificationThere, readSample, said, sampleNames } from '../support/wanna-build-samples.ts';

let world: StoreWorld | undefined;
afterEach(() => world?.end());

const by = (state: PackageRecord['state'], builder: string): Partial<PackageRecord> => ({
  state,
  builder,
  previous_state: 'Needs-Build',
  claim: 1,
});
const jackd2 = (changes: Partial<PackageRecord>): PackageRecord =>
  row('jackd2', { version: '1.9.21~dfsg-3', section: 'sound', ...changes });
const iperf = (changes: Partial<PackageRecord>): PackageRecord =>
  row('iperf', { version: '2.1.8+dfsg-1', section: 'net', ...changes });
const inspircd = (changes: Partial<PackageRecord>): PackageRecord =>
  row('inspircd', { version: '3.15.0-1', section: 'net', ...changes });
const jigit = (changes: Partial<PackageRecord>): PackageRecord =>
  row('jigit', { version: '1.22-3', section: 'utils', ...changes });
const p2048 = (changes: Partial<PackageRecord>): PackageRecord =>
  row('2048', { version: '0.20220905.1556-1', priority: 'extra', ...changes });
const mobipocket = (changes: Partial<PackageRecord>): PackageRecord =>
  row('kdegraphics-mobipocket', { version: '4:22.12.3-1', section: 'kde', ...changes });
const ircd = (changes: Partial<PackageRecord>): PackageRecord =>
  row('ircd-irc2', { version: '2.11.2p3~dfsg-7', section: 'net', ...changes });
const busco = row('busco', { version: '5.4.4-1', state: 'BD-Uninstallable' });
const inoHeaders = row('ino-headers', { version: '0.4.0-2.1' });
const javaAtk = row('java-atk-wrapper', { version: '0.40.0-3', section: 'java' });
const waiting = iperf({
  ...by('Dep-Wait', 'buildd_a'),
  previous_state: 'Building',
  depends: 'libfoo-dev (>= 1.2), bar',
});
const firstReason = 'make: *** [Makefile:12: all] Error 2\nline two\n\nline four';
const failedOnce = inspircd({ ...by('Failed', 'buildd_a'), previous_state: 'Building', failed: firstReason });
const failedTwice = { ...failedOnce, failed: `${firstReason}\nsecond message` };

/** What the store held before the first command of a sample. */
const rowsBefore: Readonly<Record<string, readonly PackageRecord[]>> = {
  'attempted-then-uploaded': [jigit(by('Build-Attempted', 'buildd_a'))],
  'attempted-v': [jigit(by('Building', 'buildd_a'))],
  'binnmu-not-installed': [row('kalarm', { version: '4:22.12.3-1' })],
  'binnmu-uploaded-ok': [p2048({ ...by('Building', 'buildd_a'), binary_nmu_version: 1 })],
  'binnmu-uploaded-wrong-version': [p2048({ ...by('Building', 'buildd_a'), binary_nmu_version: 1 })],
  binnmu: [p2048({ state: 'Installed', installed_version: '0.20220905.1556-1', notes: null })],
  'build-priority': [row('klayout', { version: '0.28.5-2', priority: 'extra' })],
  'built-v': [jackd2(by('Building', 'buildd_b'))],
  'dep-wait': [iperf(by('Building', 'buildd_a'))],
  'dep-wait-bad-list': [ircd(by('Building', 'buildd_a'))],
  'dep-wait-from-needs-build-warns': [row('jnoise', { version: '0.6.0-6' })],
  'dep-wait-merge': [waiting],
  'dep-wait-no-message-empty-stdin': [ircd(by('Building', 'buildd_a'))],
  'err-attempted-from-needs-build': [inoHeaders],
  'err-bad-arch': [],
  'err-bad-dist': [],
  'err-bad-list-state': [],
  'err-built-from-needs-build': [inoHeaders],
  'err-giveback-from-needs-build': [inoHeaders],
  'err-giveback-uploaded': [jackd2(by('Uploaded', 'buildd_b'))],
  'err-no-package': [],
  'err-not-registered': [],
  'err-other-builder': [jackd2(by('Building', 'buildd_b'))],
  'err-uploaded-from-needs-build': [inoHeaders],
  'err-uploaded-twice': [jackd2(by('Uploaded', 'buildd_b'))],
  'err-version-mismatch': [jackd2(by('Building', 'buildd_b'))],
  'extra-depends': [row('klystrack', { version: '0.20171212-5', priority: 'extra' })],
  failed: [inspircd(by('Building', 'buildd_a'))],
  'failed-from-needs-build-warns': [row('jikespg', { version: '1.3-3' })],
  'failed-twice-appends': [failedOnce],
  'giveback-bd-uninst-override': [iperf({ state: 'BD-Uninstallable' })],
  'giveback-bd-uninst-refused': [iperf({ state: 'BD-Uninstallable' })],
  'giveback-building': [row('jq', { version: '1.6-2.1+deb12u2' })],
  'giveback-dep-wait-override': [waiting],
  'giveback-dep-wait-refused': [waiting],
  'giveback-failed-override': [failedTwice],
  'giveback-failed-refused': [failedTwice],
  'no-build': [mobipocket({})],
  'no-build-twice': [mobipocket({ state: 'Not-For-Us', previous_state: 'Needs-Build' })],
  'take-api0-noverbose-ok': [ircd({})],
  'take-api1-already-by-you': [jackd2(by('Building', 'buildd_a'))],
  'take-api1-not-ok-taken': [jackd2(by('Building', 'buildd_a'))],
  'take-api1-ok': [inspircd({})],
  'take-auto-not-for-us': [row('accel-config', { version: '3.5.3-1', state: 'Auto-Not-For-Us' })],
  'take-bad-format': [],
  'take-newer-version-than-known': [javaAtk],
  'take-not-ok-bd-uninstallable': [busco],
  'take-not-ok-dep-wait': [waiting],
  'take-not-ok-failed': [failedTwice],
  'take-not-ok-installed': [p2048({ state: 'Installed' })],
  'take-not-ok-older-version': [javaAtk],
  'take-not-ok-uploaded': [jackd2(by('Uploaded', 'buildd_b'))],
  'take-not-ok-uploaded-older': [jackd2(by('Uploaded', 'buildd_b'))],
  'take-override-other-builder': [jackd2(by('Building', 'buildd_a'))],
  'take-several-mixed': [jigit({}), jackd2(by('Building', 'buildd_b')), busco],
  'take-unregistered': [],
  'take-v-api0-not-ok-taken': [jackd2(by('Building', 'buildd_a'))],
  'take-v-api0-ok': [iperf({})],
  'take-v-api1-already-by-you': [jackd2(by('Building', 'buildd_a'))],
  'take-v-api1-ok': [jackd2({})],
  'uploaded-v': [jackd2(by('Built', 'buildd_b'))],
};

interface Difference {
  readonly why: string;
  /** What ours says to the commands that differ, by their place in the sample. */
  readonly ours: Readonly<Record<number, string>>;
  readonly exitCode?: number;
}

const indented = (text: string, width: number): string => text.replace(/^/gm, ' '.repeat(width));
const notOk = (name: string, reason: string): string => `- ${name}:\n    - status: not ok\n    - reason: ${reason}\n`;
const mineAgain =
  '# jackd2: Note: already taken by you.\n- jackd2:\n    - status: ok\n    - pkg-ver: jackd2_1.9.21~dfsg-3\n' +
  '    - suite: sid\n    - arch: arm64\n    - archive: debian\n    - build_dep_resolver: apt\n';

/** What the specification wants otherwise than the existing server did it. */
const differences: Readonly<Record<string, Difference>> = {
  'dep-wait-no-message-empty-stdin': {
    why: 'one exit code for bad usage; nobody is prompted who is no person',
    ours: { 0: 'wanna-build: No dependencies given\n' },
    exitCode: 64,
  },
  'err-bad-arch': {
    why: 'exit 65, and the known ones are listed',
    ours: {
      0: 'wanna-build: architecture (hurd-i386) does not exist (at least not for sid); known are arm64, all\n',
    },
    exitCode: 65,
  },
  'err-bad-dist': {
    why: 'exit 65, and the known ones are listed',
    ours: { 0: "wanna-build: Bad distribution 'nosuch'; known are sid, bookworm\n" },
    exitCode: 65,
  },
  'err-bad-list-state': {
    why: 'exit 65, one line instead of the whole usage',
    ours: {
      0:
        'wanna-build: Unknown state to list: nonsense; known are needs-build, bd-uninstallable, dep-wait, building, built, ' +
        'build-attempted, uploaded, installed, failed, not-for-us, auto-not-for-us, failed-removed, dep-wait-removed, all\n',
    },
    exitCode: 65,
  },
  'err-no-package': {
    why: 'exit 64, one line instead of the whole usage',
    ours: { 0: 'wanna-build: No packages given; see wanna-build --help\n' },
    exitCode: 64,
  },
  'take-api1-already-by-you': { why: 'plain text amid YAML', ours: { 0: mineAgain } },
  'take-v-api1-already-by-you': { why: 'plain text amid YAML', ours: { 0: mineAgain } },
  'take-auto-not-for-us': {
    why: 'it is not for this architecture',
    ours: { 0: notOk('accel-config', 'not suitable for this architecture') },
  },
  'take-bad-format': {
    why: 'plain text amid YAML',
    ours: { 0: notOk('justname', "can't extract package name and version (bad format)") },
  },
  'take-newer-version-than-known': {
    why: 'a version that is not registered may be taken, but with a warning',
    ours: {
      0:
        '# java-atk-wrapper: Warning: registered is only the older version 0.40.0-3.\n- java-atk-wrapper:\n    - status: ok\n' +
        '    - pkg-ver: java-atk-wrapper_99:1-1\n    - suite: sid\n    - arch: arm64\n    - archive: debian\n    - build_dep_resolver: apt\n',
    },
  },
  'take-not-ok-failed': {
    why: 'YAML that no parser reads',
    ours: {
      0: notOk('inspircd', `|-\n        build of 3.15.0-1 failed previously:\n${indented(failedTwice.failed, 12)}`),
    },
  },
  'take-unregistered': {
    why: 'what is not registered is not taken (without --override), so there is nothing to show or to forget',
    ours: {
      0: notOk('no-such-package', 'not registered yet'),
      1: 'no-such-package: not registered\n',
      2: 'no-such-package: not registered yet.\n',
    },
  },
};

/** Samples that are not replayed. */
const notReplayed: Readonly<Record<string, string>> = {
  'merge-v3-verbose-with-dose': 'the archive indexes that it was made from are not part of the samples',
};

const listed: Readonly<Record<string, readonly string[]>> = {
  'list-needs-build.api1': ['--list=needs-build', '--api', '1'],
  'list-needs-build.api2': ['--list=needs-build', '--api', '2'],
};

const begin = async (rows: readonly PackageRecord[]): Promise<StoreWorld> => {
  world = await storeWorld(...rows);
  const store = await openStore(storeUrl, world.home);
  const check = { distribution: 'sid', architecture: 'arm64', time: '2026-11-20T08:45:27.565Z' };
  await store.write((db) => db.insertInto('installability_checks').values(check).execute());
  await store.close();
  return world;
};

// The long lists are excerpts: packages that stand between two marks stand in this order in ours too.
const excerpts = (output: string): string[][] =>
  output
    .split(/^(?:\.\.\..*|--)\n/m)
    .map((part) => part.split('\n').filter((line) => line.endsWith(']')))
    .filter((lines) => lines.length > 0);

// A clone without the specification beside it has nothing to compare with.
describe.skipIf(!isSpecificationThere)('a recorded answer (only with the specification beside the checkout)', () => {
  it('is known, each of them', () => {
    const lists = sampleNames.filter((name) => /^(?:list|info)-/.test(name));
    const known = [...Object.keys(rowsBefore), ...Object.keys(notReplayed), ...lists];
    expect(sampleNames.length, 'the specification beside the checkout has no samples').toBeGreaterThan(0);
    expect([...sampleNames].sort()).toEqual(known.sort());
  });

  it.each(Object.keys(rowsBefore))('is ours: %s', async (name) => {
    const { run } = await begin(rowsBefore[name] ?? []);
    const difference = differences[name];
    for (const [index, { args, output, exitCode }] of readSample(name).entries()) {
      const answer = await run(args.slice(2));
      const expected = difference?.ours[index] ?? output;
      expect(said(answer.stdout + answer.stderr, args), difference?.why).toEqual(said(expected, args));
      expect(answer.exitCode).toBe(difference?.exitCode ?? exitCode);
    }
  });

  it.each(sampleNames.filter((name) => name.startsWith('info-')))('is ours: %s', async (name) => {
    for (const { args, output, exitCode } of readSample(name)) {
      const { run } = await begin([rowOfInfo(output)]);
      const answer = await run(args.slice(2));
      expect(said(answer.stdout, args)).toEqual(said(output, args));
      expect(answer.exitCode).toBe(exitCode);
    }
  });

  it.each(['list-building-user', 'list-dep-wait', 'list-failed', 'list-bd-uninstallable'])(
    'is ours: %s',
    async (name) => {
      for (const { args, output, exitCode } of readSample(name)) {
        const asked = args.find((word) => word.startsWith('--list='))?.slice(7) ?? '';
        const others = [row('other', { ...by('Building', 'buildd_b') }), row('waiting')];
        const { run } = await begin([...rowsOfList(output, asked).reverse(), ...others]);
        const answer = await run(args.slice(2));
        expect(said(answer.stdout, args)).toEqual(said(output, args));
        expect(answer.exitCode).toBe(exitCode);
      }
    },
  );

  it('is ours: list-format', async () => {
    const failed = readSample('list-failed')[0]?.output ?? '';
    const { run } = await begin(rowsOfList(failed, 'failed'));
    for (const { args, output } of readSample('list-format')) {
      expect((await run(args.slice(2))).stdout).toBe(output);
    }
  });

  it.each(['list-all', 'list-needs-build.api1', 'list-needs-build.api2'])('is ours: %s (excerpts)', async (name) => {
    const [recorded] = readSample(name);
    const output = recorded?.output ?? '';
    const asked = name === 'list-all' ? 'all' : 'needs-build';
    const rows = rowsOfList(output.replace(/^arm64\/sid\//gm, 'misc/'), asked);
    const { run } = await begin([...rows].reverse());
    const ours = (await run(listed[name] ?? ['--list=all'])).stdout.split('\n');
    for (const lines of excerpts(output)) {
      expect(ours.filter((line) => lines.includes(line))).toEqual(lines);
    }
    if (name.endsWith('api2')) expect(ours.at(-2)).not.toMatch(/^Total/);
    else expect(ours.at(-2)).toBe(`Total ${rows.length} package(s)`);
  });
});
