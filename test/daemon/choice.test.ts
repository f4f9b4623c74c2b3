import { describe, expect, it } from 'vitest';
import type { DistributionConf } from '../../src/config/buildd-conf.ts';
import { nextFromStore, nextRedo, type ChoiceState } from '../../src/daemon/choice.ts';
import { eligibility, filtersOf, type Filters } from '../../src/daemon/filters.ts';

const now = new Date('2026-11-20T10:00:00Z');
const distribution = (dist_name: string): DistributionConf => ({
  dist_name,
  built_architecture: 'amd64',
  wanna_build_db_user: 'me',
  dupload_local_queue_dir: 'upload',
  logs_mail_also: [],
});
const open: Filters = { noAutoBuild: new Set(), weakNoAutoBuild: new Set(), buildRegex: null, noBuildRegex: null };
const listed = (...names: string[]) =>
  names.map((name) => ({ package: name, version: '1.0', line: `misc/${name}_1.0 [optional:out-of-date]` }));
const state = (changed: Partial<ChoiceState>): ChoiceState => ({
  listed: [],
  givenBack: [],
  delayAfterGiveBack: 480,
  waiting: [],
  leaveOut: new Set(),
  maxBuild: 1,
  now,
  ...changed,
});
const chosen = (changed: Partial<ChoiceState>): string | null => {
  const choice = nextFromStore(state(changed));
  return choice && `${choice.distribution.dist_name}: ${choice.packages.map((one) => one.package).join(' ')}`;
};

describe('REDO', () => {
  const entry = (name: string, dist: string) => ({ package: name, version: '1', distribution: dist, binNmu: null });

  it('goes by the order of the distributions, not by that of the lines', () => {
    const entries = [entry('a', 'unstable'), entry('b', 'stable'), entry('c', 'stable')];
    expect(nextRedo([distribution('stable'), distribution('unstable')], entries)?.package).toBe('b');
  });

  it('leaves lines of distributions that are not ours alone', () => {
    expect(nextRedo([distribution('stable')], [entry('a', 'unstable')])).toBeNull();
  });
});

describe('what is taken next', () => {
  it('is the first of the first distribution that has something', () => {
    const both = [
      { distribution: distribution('stable'), filters: open, packages: listed() },
      { distribution: distribution('unstable'), filters: open, packages: listed('a', 'b') },
    ];
    expect(chosen({ listed: both })).toBe('unstable: a');
  });

  it('is up to max_build packages of one distribution', () => {
    expect(
      chosen({
        listed: [{ distribution: distribution('sid'), filters: open, packages: listed('a', 'b', 'c') }],
        maxBuild: 2,
      }),
    ).toBe('sid: a b');
  });

  it('is a weak package only when no distribution has anything else', () => {
    const filters = { ...open, weakNoAutoBuild: new Set(['big']) };
    const weak = { distribution: distribution('stable'), filters, packages: listed('big') };
    expect(chosen({ listed: [weak, { distribution: distribution('unstable'), filters, packages: listed('a') }] })).toBe(
      'unstable: a',
    );
    expect(chosen({ listed: [weak, { distribution: distribution('unstable'), filters, packages: listed() }] })).toBe(
      'stable: big',
    );
  });

  it('is nothing that was given back within the delay, but again when it is over', () => {
    const one = [{ distribution: distribution('sid'), filters: open, packages: listed('a') }];
    const given = (minutesAgo: number) => [
      { package: 'a', version: '1.0', at: new Date(now.getTime() - minutesAgo * 60_000) },
    ];
    expect(chosen({ listed: one, givenBack: given(479) })).toBeNull();
    expect(chosen({ listed: one, givenBack: given(480) })).toBe('sid: a');
    expect(chosen({ listed: one, givenBack: [{ package: 'a', version: '0.9', at: now }] })).toBe('sid: a');
  });

  it('is nothing that waits for an answer, or was refused a moment ago', () => {
    const one = [{ distribution: distribution('sid'), filters: open, packages: listed('a', 'b') }];
    const waiting = [{ package: 'a', version: '1.0', distribution: 'sid', architecture: 'amd64', claim: 1 }];
    expect(chosen({ listed: one, waiting })).toBe('sid: b');
    expect(chosen({ listed: one, waiting, leaveOut: new Set(['b_1.0 sid']) })).toBeNull();
  });
});

describe('the filters', () => {
  it.each([
    ['a package without a rule', open, 'take'],
    ['no_auto_build', { ...open, noAutoBuild: new Set(['hello']) }, 'never'],
    ['weak_no_auto_build', { ...open, weakNoAutoBuild: new Set(['hello']) }, 'weak'],
    ['no_build_regex on the section', { ...open, noBuildRegex: /^misc\// }, 'never'],
    ['a build_regex that does not match', { ...open, buildRegex: /^libs\// }, 'never'],
    ['no_build_regex anchored to the end of the version', { ...open, noBuildRegex: /-3$/ }, 'never'],
    ['a build_regex that matches', { ...open, buildRegex: /hello_/ }, 'take'],
  ] as const)('%s', (_what, filters, expected) => {
    expect(eligibility(filters, 'hello', 'misc/hello_2.10-3 [optional:out-of-date]')).toBe(expected);
  });

  it('of a distribution are added to the general ones; its expressions stand instead', () => {
    const filters = filtersOf(
      { no_auto_build: ['a'], weak_no_auto_build: undefined, build_regex: /x/, no_build_regex: undefined },
      { ...distribution('sid'), no_auto_build: ['b'], build_regex: /y/ },
    );
    expect(filters.noAutoBuild).toEqual(new Set(['a', 'b']));
    expect(filters.buildRegex).toEqual(/y/);
  });
});
