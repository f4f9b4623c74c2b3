// The whole table of commands and states: where each command leads from each state, and the words of the refusals.
import { describe, expect, it } from 'vitest';
import type { PackageRecord } from '../../src/wanna-build/record.ts';
import { states, type State } from '../../src/wanna-build/states.ts';
import {
  transition,
  type Transition,
  type TransitionContext,
  type TransitionEvent,
} from '../../src/wanna-build/transition.ts';
import { previousFailure } from '../../src/wanna-build/transition/previous-failure.ts';
import { before, now, row } from '../support/store-world.ts';

const context: TransitionContext = {
  key: { package: 'foo', distribution: 'sid', architecture: 'arm64' },
  time: now,
  user: 'buildd_a',
  realUser: 'admin',
  override: false,
  claim: null,
  queue: 'Needs-Build',
  adjustments: {},
  intent: null,
};
const overriding = { ...context, override: true };

const inState = (state: State, changes: Partial<PackageRecord> = {}): PackageRecord =>
  row('foo', {
    state,
    claim: 3,
    builder: ['Building', 'Built', 'Build-Attempted', 'Uploaded', 'Failed', 'Dep-Wait'].includes(state)
      ? 'buildd_a'
      : null,
    depends: state === 'Dep-Wait' ? 'libfoo-dev (>= 1.2), bar' : null,
    failed: state === 'Failed' ? 'old reason' : null,
    bd_problem: state === 'BD-Uninstallable' ? 'foo build-depends on missing: bar' : null,
    ...changes,
  });

const result = (outcome: Transition): string => {
  if (outcome.kind === 'refused') return outcome.lines.join('\n');
  if (outcome.kind === 'unchanged') return `= ${outcome.record.state}`;
  return outcome.record === null ? '> removed' : `> ${outcome.record.state}`;
};
const changedRecord = (outcome: Transition): PackageRecord => {
  if (outcome.kind !== 'changed' || outcome.record === null) throw new Error(result(outcome));
  return outcome.record;
};

const take = { kind: 'take', version: '1.0-1' } as const;
const failed = { kind: 'failed', version: '1.0-1', reason: 'new reason' } as const;
const depWait = { kind: 'dep-wait', version: '1.0-1', list: 'libfoo-dev (> 3), baz' } as const;
const giveBack = { kind: 'give-back', version: '1.0-1' } as const;
const skipping = (state: State, ...from: State[]): string =>
  `foo: skipping: state is ${state}, not in ${from.join(', ')}`;
const notTaken = (state: State): string => `foo: not taken for building (state is ${state}). Skipping.`;
const anyway = 'foo: not suitable for this architecture anyway. Skipping.';
const hint = '\n  (use --override to clear dependency list and give back anyway)';

type Row = Readonly<Record<State, string>>;
const all = (to: string): Row => Object.fromEntries(states.map((state) => [state, to])) as Row;
const reportFrom = (from: State[], to: State): Row =>
  Object.fromEntries(
    states.map((state) => [state, from.includes(state) ? `> ${to}` : skipping(state, ...from)]),
  ) as Row;
const failable: State[] = [
  'Building',
  'Built',
  'Build-Attempted',
  'Dep-Wait',
  'Failed',
  'Needs-Build',
  'Uploaded',
  'BD-Uninstallable',
];

const table: readonly [string, TransitionEvent, TransitionContext, Row][] = [
  [
    '--take',
    take,
    context,
    {
      'Needs-Build': '> Building',
      'BD-Uninstallable': 'foo: source dependencies are not installable',
      'Dep-Wait': 'foo: not all source dependencies available yet',
      Building: '= Building',
      Built: '> Building',
      'Build-Attempted': '> Building',
      Uploaded: 'foo: already uploaded by buildd_a',
      Installed: "foo: is up-to-date in the archive; doesn't need rebuilding",
      Failed: 'foo: build of 1.0-1 failed previously:',
      'Not-For-Us': 'foo: not suitable for this architecture',
      'Auto-Not-For-Us': 'foo: not suitable for this architecture',
      'Failed-Removed': 'foo: build of 1.0-1 failed previously:',
      'Dep-Wait-Removed': 'foo: not all source dependencies available yet',
    },
  ],
  [
    '--take of a newer version',
    { ...take, version: '2.0-1' },
    context,
    {
      ...all('> Building'),
      'BD-Uninstallable': 'foo: source dependencies are not installable',
      'Dep-Wait': 'foo: not all source dependencies available yet',
      'Dep-Wait-Removed': 'foo: not all source dependencies available yet',
      'Not-For-Us': 'foo: not suitable for this architecture',
      'Auto-Not-For-Us': 'foo: not suitable for this architecture',
    },
  ],
  [
    '--take of an older version',
    { ...take, version: '0.9-1' },
    context,
    {
      'Needs-Build': 'foo: newer version 1.0-1 needs building, not 0.9-1',
      'BD-Uninstallable': 'foo: source dependencies are not installable',
      'Dep-Wait': 'foo: not all source dependencies available yet',
      Building: 'foo: already taken by you (in newer version 1.0-1)',
      Built: 'foo: already taken by you (in newer version 1.0-1)',
      'Build-Attempted': 'foo: already taken by you (in newer version 1.0-1)',
      Uploaded: 'foo: already uploaded by buildd_a (in newer version 1.0-1)',
      Installed: "foo: newer version 1.0-1 already in the archive; doesn't need rebuilding",
      Failed: 'foo: newer version 1.0-1 failed, not 0.9-1',
      'Not-For-Us': 'foo: not suitable for this architecture',
      'Auto-Not-For-Us': 'foo: not suitable for this architecture',
      'Failed-Removed': 'foo: newer version 1.0-1 failed, not 0.9-1',
      'Dep-Wait-Removed': 'foo: not all source dependencies available yet',
    },
  ],
  [
    '--override --take',
    take,
    overriding,
    {
      ...all('> Building'),
      'BD-Uninstallable': 'foo: source dependencies are not installable',
      'Dep-Wait': 'foo: not all source dependencies available yet',
      'Dep-Wait-Removed': 'foo: not all source dependencies available yet',
      Building: '= Building',
      Uploaded: 'foo: already uploaded by buildd_a',
      Installed: "foo: is up-to-date in the archive; doesn't need rebuilding",
      'Not-For-Us': 'foo: not suitable for this architecture',
      'Auto-Not-For-Us': 'foo: not suitable for this architecture',
    },
  ],
  ['--built', { kind: 'built', version: '1.0-1' }, context, reportFrom(['Building', 'Build-Attempted'], 'Built')],
  [
    '--attempted',
    { kind: 'attempted', version: '1.0-1' },
    context,
    reportFrom(['Building', 'Build-Attempted'], 'Build-Attempted'),
  ],
  [
    '--uploaded',
    { kind: 'uploaded', version: '1.0-1' },
    context,
    reportFrom(['Building', 'Built', 'Build-Attempted'], 'Uploaded'),
  ],
  [
    '--failed',
    failed,
    context,
    {
      ...all('> Failed'),
      Installed: skipping('Installed', ...failable),
      'Not-For-Us': anyway,
      'Auto-Not-For-Us': anyway,
      'Failed-Removed': skipping('Failed-Removed', ...failable),
      'Dep-Wait-Removed': skipping('Dep-Wait-Removed', ...failable),
    },
  ],
  [
    '--dep-wait',
    depWait,
    context,
    {
      ...all('> Dep-Wait'),
      Installed: 'foo: skipping: state is Installed',
      'Not-For-Us': anyway,
      'Auto-Not-For-Us': anyway,
    },
  ],
  [
    '--give-back',
    giveBack,
    context,
    {
      ...(Object.fromEntries(states.map((state) => [state, notTaken(state)])) as Row),
      Building: '> Needs-Build',
      Built: '> Needs-Build',
      'Build-Attempted': '> Needs-Build',
      'Dep-Wait': `foo: waiting for source dependencies. Skipping${hint}`,
      'BD-Uninstallable': `foo: has uninstallable build-dependencies. Skipping${hint}`,
    },
  ],
  [
    '--override --give-back',
    giveBack,
    overriding,
    {
      ...all('> Needs-Build'),
      'Needs-Build': notTaken('Needs-Build'),
      'Not-For-Us': notTaken('Not-For-Us'),
      'Auto-Not-For-Us': notTaken('Auto-Not-For-Us'),
    },
  ],
  ['--no-build', { kind: 'no-build', version: '1.0-1' }, context, { ...all('> Not-For-Us'), 'Not-For-Us': '> Failed' }],
  [
    '--binNMU 1',
    { kind: 'binNMU', version: '1.0-1', number: 1, changelog: 'x' },
    context,
    {
      ...all("foo_1.0-1: not installed; can't register for binNMU."),
      Installed: '> Needs-Build',
    },
  ],
  [
    '--build-priority',
    { kind: 'adjust', version: '1.0-1' },
    context,
    Object.fromEntries(states.map((state) => [state, `> ${state}`])) as Row,
  ],
  [
    '--update',
    { kind: 'update', version: '1.0-1' },
    context,
    Object.fromEntries(states.map((state) => [state, `> ${state}`])) as Row,
  ],
  ['--forget', { kind: 'forget', version: '1.0-1' }, context, all('> removed')],
];

describe.each(table)('%s', (_name, event, how, expected) => {
  it.each(states.map((state) => [state, expected[state]] as const))('from %s: %s', (state, outcome) => {
    expect(result(transition(inState(state), event, how))).toBe(outcome);
  });

  it('keeps the state, the time and the log row together', () => {
    for (const state of states) {
      const was = inState(state);
      const outcome = transition(was, event, how);
      if (outcome.kind !== 'changed') continue;
      const is = outcome.record ?? was;
      expect(outcome.transaction).toMatchObject({
        package: 'foo',
        version: is.version,
        state: is.state,
        previous_state: state,
        real_user: 'admin',
        time: now,
        builder: is.builder,
      });
      // A take always begins anew, also from Building.
      if (is.state !== state || event.kind === 'take')
        expect(is).toMatchObject({ previous_state: state, state_change: now });
      else expect(is).toMatchObject({ previous_state: was.previous_state, state_change: before });
      expect(is.failed === null, `${state} failed`).toBe(is.state !== 'Failed');
      expect(is.depends === null, `${state} depends`).toBe(is.state !== 'Dep-Wait');
      if (is.state !== 'BD-Uninstallable') expect(is.bd_problem).toBeNull();
    }
  });

  it('refuses what is not registered; only a take can be forced', () => {
    const outcome = transition(null, event, how);
    if (event.kind !== 'take') expect(result(outcome)).toBe('foo: not registered yet.');
    else expect(result(outcome)).toBe(how.override ? '> Building' : 'foo: not registered yet');
  });
});

describe('whose package it is', () => {
  const reports: TransitionEvent[] = [
    { kind: 'built', version: '1.0-1' },
    { kind: 'attempted', version: '1.0-1' },
    { kind: 'uploaded', version: '1.0-1' },
    failed,
    depWait,
    giveBack,
    { kind: 'no-build', version: '1.0-1' },
  ];

  it.each(reports)('refuses $kind by another builder, and lets --override pass', (event) => {
    const theirs = inState('Building', { builder: 'buildd_b' });
    expect(result(transition(theirs, event, context))).toBe('foo: not taken by you, but by buildd_b. Skipping.');
    expect(transition(theirs, event, overriding).kind).toBe('changed');
  });

  it.each(reports)('lets a user report $kind for what USER-host took', (event) => {
    expect(transition(inState('Building', { builder: 'buildd_a-host2' }), event, context).kind).toBe('changed');
    expect(transition(inState('Building', { builder: 'buildd_ab' }), event, context).kind).toBe('refused');
  });

  it.each(reports.filter((event) => event.kind !== 'no-build'))('refuses $kind of another version', (event) => {
    const outcome = transition(inState('Building'), { ...event, version: '1-999' } as TransitionEvent, context);
    expect(result(outcome)).toBe('foo: version mismatch (1.0-1 by buildd_a)');
  });

  it.each(reports)('refuses $kind of an earlier take', (event) => {
    expect(result(transition(inState('Building'), event, { ...context, claim: 2 }))).toBe(
      'foo: claim 2 is not the last one (3). Skipping.',
    );
    expect(transition(inState('Building'), event, { ...context, claim: 3 }).kind).toBe('changed');
  });
});

describe('a binNMU', () => {
  const scheduled = (changes: Partial<PackageRecord> = {}): PackageRecord =>
    inState('Building', { binary_nmu_version: 1, ...changes });

  it('is uploaded under the version of its binaries only', () => {
    expect(result(transition(scheduled(), { kind: 'uploaded', version: '1.0-1' }, context))).toBe(
      'foo: version mismatch (1.0-1+b1 by buildd_a)',
    );
    expect(result(transition(scheduled(), { kind: 'uploaded', version: '1.0-1+b2' }, context))).toBe(
      'foo: version mismatch (1.0-1+b1 by buildd_a)',
    );
    expect(result(transition(scheduled(), { kind: 'uploaded', version: '1.0-1+b1' }, context))).toBe('> Uploaded');
  });

  it('is reported otherwise under either version', () => {
    expect(result(transition(scheduled(), { kind: 'built', version: '1.0-1' }, context))).toBe('> Built');
    expect(result(transition(scheduled(), { kind: 'built', version: '1.0-1+b1' }, context))).toBe('> Built');
  });

  const schedule = (record: PackageRecord, number: number): Transition =>
    transition(record, { kind: 'binNMU', version: '1.0-1', number, changelog: 'Rebuild' }, context);

  it('is scheduled on what is installed, and forgets the temporary priority', () => {
    const outcome = schedule(inState('Installed', { buildpri: 5, permbuildpri: 7 }), 1);
    expect(changedRecord(outcome)).toMatchObject({
      state: 'Needs-Build',
      binary_nmu_version: 1,
      binary_nmu_changelog: 'Rebuild',
      buildpri: null,
      permbuildpri: 7,
    });
    expect(outcome).toMatchObject({ reply: 'foo: registered for binNMU 1.0-1+b1' });
  });

  it('must be newer than what is installed, and higher than what is scheduled', () => {
    expect(result(schedule(inState('Installed', { binary_nmu_version: 2 }), 2))).toBe(
      'foo: 1.0-1+b2 is not newer: installed is already 1.0-1+b2. Skipping.',
    );
    expect(result(schedule(inState('Needs-Build', { binary_nmu_version: 2 }), 1))).toBe(
      'foo: 1.0-1+b1 is not newer: scheduled is already 1.0-1+b2. Skipping.',
    );
    expect(result(schedule(inState('Installed', { installed_version: '1.0-1+b4' }), 3))).toBe(
      'foo: 1.0-1+b3 is not newer: installed is already 1.0-1+b4. Skipping.',
    );
    expect(changedRecord(schedule(inState('Needs-Build', { binary_nmu_version: 2 }), 3)).binary_nmu_version).toBe(3);
  });

  it('is cancelled with 0', () => {
    expect(changedRecord(schedule(inState('Needs-Build', { binary_nmu_version: 2 }), 0))).toMatchObject({
      state: 'Installed',
      binary_nmu_version: null,
      binary_nmu_changelog: null,
    });
    expect(result(schedule(inState('Installed'), 0))).toBe('foo: no binNMU is scheduled. Skipping.');
  });
});

describe('what a record keeps', () => {
  it('keeps the reason of a failure under its version when it leaves Failed', () => {
    const first = changedRecord(transition(inState('Failed'), giveBack, overriding));
    const line = '-'.repeat(20);
    expect(first.old_failed).toBe(`${line} 1.0-1 ${line}\nold reason`);
    const again = changedRecord(
      transition(
        { ...first, state: 'Failed', version: '1.1-1', failed: 'a\nb' },
        { ...giveBack, version: '1.1-1' },
        overriding,
      ),
    );
    expect(again.old_failed).toBe(`${line} 1.1-1 ${line}\na\nb\n${line} 1.0-1 ${line}\nold reason`);
  });

  it('appends a further reason', () => {
    const outcome = transition(inState('Failed'), failed, context);
    expect(changedRecord(outcome).failed).toBe('old reason\nnew reason');
    expect(outcome).toMatchObject({
      remarks: ['foo: already registered as failed; will append new message'],
      reply: 'foo: registered as failed',
    });
  });

  it('keeps no control characters of a reason, which a terminal would obey', () => {
    const hostile = { ...failed, reason: 'a\r\nb\u001b[2J\u009b\tc' };
    expect(changedRecord(transition(inState('Building'), hostile, context)).failed).toBe('a\nb?[2J?\tc');
  });

  it('merges dependency lists, the new entries first', () => {
    const outcome = transition(inState('Dep-Wait'), depWait, context);
    expect(changedRecord(outcome).depends).toBe('libfoo-dev (>> 3), baz, bar');
    expect(outcome).toMatchObject({ remarks: ['foo: merging with previously registered dependencies'] });
  });

  it.each(['foo | bar', 'foo (<< 2)', 'foo (<= 2)', 'foo, ', '', 'foo (1)', 'Foo', 'foo (>= ../1)'])(
    'refuses the dependency list "%s"',
    (list) => {
      expect(result(transition(inState('Building'), { ...depWait, list }, context))).toBe('foo: Bad dependency list');
    },
  );

  it.each(['Needs-Build', 'BD-Uninstallable'] as const)(
    'warns of a failure and a dep-wait from %s, and records who said it',
    (state) => {
      for (const event of [failed, depWait]) {
        const outcome = transition(inState(state), event, context);
        expect(outcome).toMatchObject({ notes: [`foo: warning: state is ${state}, processing anyways.`] });
        expect(changedRecord(outcome).builder).toBe('buildd_a');
      }
    },
  );

  it('goes to BD-Uninstallable where an installability check has run', () => {
    const checked = { ...context, queue: 'BD-Uninstallable' } as const;
    const given = changedRecord(transition(inState('Building'), giveBack, checked));
    expect(given).toMatchObject({
      state: 'BD-Uninstallable',
      builder: null,
      bd_problem: 'Installability of build dependencies not tested yet',
    });
    expect(changedRecord(transition(given, giveBack, { ...checked, override: true }))).toMatchObject({
      state: 'Needs-Build',
      bd_problem: null,
    });
  });

  it('says on a forced give-back what it forced', () => {
    expect(transition(inState('Failed'), giveBack, overriding)).toMatchObject({
      notes: ['foo: not taken for building (state is Failed).', 'foo: Forcing give-back'],
      reply: 'foo: registered as give-back',
    });
    expect(transition(inState('Dep-Wait'), giveBack, overriding)).toMatchObject({
      notes: ['foo: Forcing source dependency list to be cleared'],
    });
    expect(transition(inState('BD-Uninstallable'), giveBack, overriding)).toMatchObject({
      notes: [
        'foo: Forcing uninstallability mark to be removed. This is not permanent and might be reset with the next trigger run',
      ],
      reply: 'foo: given back',
    });
  });

  it('is Failed with a reason after Not-For-Us was taken back', () => {
    const outcome = transition(inState('Not-For-Us'), { kind: 'no-build', version: '1.0-1' }, context);
    expect(changedRecord(outcome).failed).toBe('Was Not-For-Us previously');
    expect(outcome).toMatchObject({ reply: 'foo: now not unsuitable anymore' });
  });

  it('takes a newer version as its own, without what belonged to the old one', () => {
    const record = inState('Needs-Build', {
      binary_nmu_version: 1,
      binary_nmu_changelog: 'x',
      buildpri: 9,
      source_path: '/x.dsc',
    });
    const outcome = transition(record, { ...take, version: '2.0-1' }, context);
    expect(changedRecord(outcome)).toMatchObject({
      version: '2.0-1',
      binary_nmu_version: null,
      binary_nmu_changelog: null,
      buildpri: null,
      source_path: null,
      claim: 4,
    });
    expect(outcome).toMatchObject({ notes: ['foo: Warning: registered is only the older version 1.0-1.'] });
  });

  it('drops a stray +bN on --update, and sets what came with a change', () => {
    expect(
      changedRecord(
        transition(inState('Installed', { version: '1.0-1+b2' }), { kind: 'update', version: '1.0-1' }, context),
      ).version,
    ).toBe('1.0-1');
    const adjusted = { ...context, adjustments: { buildpri: 50, extra_depends: 'foo (>= 1)' } };
    const outcome = transition(inState('Needs-Build'), { kind: 'adjust', version: '1.0-1' }, adjusted);
    expect(changedRecord(outcome)).toMatchObject({ buildpri: 50, extra_depends: 'foo (>= 1)' });
    expect(outcome).toMatchObject({ reply: 'foo: set to build priority 50' });
  });
});

describe('the failure of the version before', () => {
  const line = '-'.repeat(20);
  const after = (changes: Partial<PackageRecord>): PackageRecord =>
    row('foo', { state: 'Building', previous_state: 'Needs-Build', ...changes });

  it('is told with its reason', () => {
    expect(
      previousFailure(after({ old_failed: `${line} 0.9-1 ${line}\nno\nno\n${line} 0.8-1 ${line}\nolder` })),
    ).toEqual({ reason: 'no\nno' });
  });

  it('is none for the same version, after an installation since then, or on a retry of one own', () => {
    expect(previousFailure(after({ old_failed: null }))).toBeNull();
    expect(previousFailure(after({ old_failed: `${line} 1.0-1 ${line}\nno` }))).toBeNull();
    expect(previousFailure(after({ old_failed: `${line} 0.8-1 ${line}\nno`, installed_version: '0.9-1' }))).toBeNull();
    expect(
      previousFailure(after({ old_failed: `${line} 0.8-1 ${line}\nno`, previous_state: 'Build-Attempted' })),
    ).toBeNull();
  });
});
