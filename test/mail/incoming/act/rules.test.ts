// The rules behind the answers, without a home: every state of the store, and who owns what.
import { describe, expect, it } from 'vitest';
import { answerLog, type Answer } from '../../../../src/mail/incoming/act/effects-of-answer.ts';
import { answerNotice } from '../../../../src/mail/incoming/act/effects-of-notice.ts';
import { answerShouldBuild, oldReason } from '../../../../src/mail/incoming/act/effects-of-question.ts';
import type { Standing } from '../../../../src/mail/incoming/act/standing.ts';
import { owns, refusalOf } from '../../../../src/mail/incoming/act/state-check.ts';
import type { PackageRecord } from '../../../../src/wanna-build/record.ts';
import { states, type State } from '../../../../src/wanna-build/states.ts';
import { unregistered } from '../../../../src/wanna-build/transition/unregistered.ts';

const key = { package: 'greet', distribution: 'sid', architecture: 'amd64' };

const record = (changes: Partial<PackageRecord> = {}): PackageRecord => ({
  ...unregistered(key, '1.0', new Date('2026-11-20T09:00:00Z')),
  state: 'Built',
  builder: 'builder',
  claim: 7,
  ...changes,
});

const standing = (changes: Partial<PackageRecord> | null = {}, more: Partial<Standing> = {}): Standing => ({
  ...key,
  version: '1.0',
  user: 'builder',
  record: changes === null ? null : record(changes),
  build: null,
  running: false,
  directories: ['greet_1.0-4'],
  ...more,
});

const answerable: readonly State[] = ['Building', 'Built', 'Build-Attempted'];
const answers: readonly Answer[] = [
  { action: 'retry' },
  { action: 'fail', reason: 'no' },
  { action: 'dep-wait', list: 'libfoo' },
  { action: 'give-back', priority: null },
  { action: 'newvers', version: '2.0' },
  { action: 'purge' },
  { action: 'manual' },
];

describe.each(answers)('$action', (answer) => {
  it.each(states)('in state %s is obeyed only where the build is open', (state) => {
    const verdict = answerLog(answer, standing({ state }), 7, []);
    expect(verdict.kind).toBe(answerable.includes(state) ? 'effects' : 'refused');
    if (verdict.kind === 'refused') expect(verdict.reason).toContain(state);
  });

  it.each([
    ['of a package that is not registered', standing(null), 'greet is not registered in sid on amd64.'],
    [
      'of an outdated version',
      standing({ version: '1.1' }),
      'greet_1.0 is outdated: sid on amd64 has version 1.1 now (Built).',
    ],
    [
      'of a build before its binNMU',
      standing({ binary_nmu_version: 1 }),
      'greet_1.0 is outdated: sid on amd64 has version 1.0+b1 now (Built).',
    ],
    [
      'of a version that the store does not know yet',
      standing({ version: '0.9' }),
      'greet_1.0 is not the version in sid on amd64, that is 0.9 (Built).',
    ],
    [
      'of what another builder has',
      standing({ builder: 'other' }),
      'greet_1.0 is Built in sid on amd64 by other, not by builder.',
    ],
    [
      'of a build before the last one',
      standing({ claim: 8 }),
      'greet_1.0 was taken again since the build that the mail is about; answer the mail of the last build.',
    ],
  ])('%s is refused with what is the case', (_, where, reason) => {
    expect(answerLog(answer, where, 7, [])).toEqual({ kind: 'refused', reason });
  });
});

describe('the state check', () => {
  it('takes a signed answer, which proves no take, for the take that the store knows', () => {
    expect(refusalOf(standing({ claim: 8 }), null)).toBeNull();
  });

  it('knows a binNMU by its whole version', () => {
    expect(refusalOf(standing({ binary_nmu_version: 2 }, { version: '1.0+b2' }), 7)).toBeNull();
  });

  it('gives buildd_amd64 what buildd_amd64-host took, and no more', () => {
    expect(owns('buildd_amd64', 'buildd_amd64')).toBe(true);
    expect(owns('buildd_amd64', 'buildd_amd64-host')).toBe(true);
    expect(owns('buildd_amd64', 'buildd_amd64x')).toBe(false);
    expect(owns('buildd_amd64-host', 'buildd_amd64')).toBe(false);
  });
});

describe('the effects of an answer', () => {
  it('report to the store first, with its claim, and purge after it', () => {
    const verdict = answerLog({ action: 'fail', reason: 'no' }, standing(), 7, []);
    expect(verdict).toMatchObject({
      effects: [
        { kind: 'store', report: { action: 'failed', version: '1.0', claim: 7, user: 'builder', message: 'no' } },
        { kind: 'redo-remove' },
        { kind: 'purge-results' },
        { kind: 'purge-directory', name: 'greet_1.0-4' },
      ],
    });
  });

  it('send no claim to a store that counts none', () => {
    const verdict = answerLog({ action: 'give-back', priority: null }, standing({ claim: 0 }), null, []);
    expect(verdict).toMatchObject({ effects: [{ report: { claim: null } }, {}, {}, {}] });
  });

  it('of retry keep a binNMU that is scheduled', () => {
    const where = standing({ binary_nmu_version: 3, binary_nmu_changelog: 'Rebuild' }, { version: '1.0+b3' });
    expect(answerLog({ action: 'retry' }, where, 7, [])).toEqual({
      kind: 'effects',
      effects: [
        {
          kind: 'redo-add',
          package: 'greet',
          version: '1.0',
          distribution: 'sid',
          binNmu: { number: 3, changelog: 'Rebuild' },
        },
      ],
    });
  });

  it('of fail reach a Failed package only with a bug number alone', () => {
    const failed = standing({ state: 'Failed', builder: null });
    expect(answerLog({ action: 'fail', reason: '(see #1234)' }, failed, 7, []).kind).toBe('effects');
    expect(answerLog({ action: 'fail', reason: 'also (see #1234)' }, failed, 7, []).kind).toBe('refused');
  });

  it.each(states)('of not-for-us in state %s do not care, but for Not-For-Us itself', (state) => {
    expect(answerLog({ action: 'not-for-us' }, standing({ state, builder: null }), 7, []).kind).toBe(
      state === 'Not-For-Us' ? 'refused' : 'effects',
    );
  });

  it('of upload-rem leave an upload alone that is out of the house', () => {
    const upload = { queue: 'upload', changes: 'greet_1.0_amd64.changes' };
    expect(answerLog({ action: 'upload-rem' }, standing(), 7, [{ ...upload, uploaded: true }]).kind).toBe('refused');
    expect(
      answerLog({ action: 'upload-rem' }, standing(), 7, [
        { ...upload, uploaded: false },
        { ...upload, queue: 'two', uploaded: false },
      ]),
    ).toEqual({
      kind: 'effects',
      effects: [{ kind: 'unqueue', queues: ['upload', 'two'], changes: upload.changes }],
    });
  });
});

describe('an answer to "Should I build"', () => {
  it('fail keeps the newest old reason, or the one that it gives', () => {
    const line = '-'.repeat(20);
    const old = `${line} 0.9 ${line}\nnewest\nreason\n${line} 0.8 ${line}\nolder`;
    expect(oldReason(record({ old_failed: old }))).toBe('newest\nreason');
    expect(oldReason(record())).toBe('Failed in the previous version');
    const given = answerShouldBuild(
      { action: 'fail', reason: 'still so' },
      standing({ state: 'Building', old_failed: old }),
      7,
    );
    expect(given).toMatchObject({
      effects: [{ report: { action: 'failed', message: 'still so' } }, { kind: 'stop-waiting' }],
    });
  });

  it('is refused when somebody else has it by now', () => {
    expect(answerShouldBuild({ action: 'build' }, standing({ state: 'Building', builder: 'other' }), 7).kind).toBe(
      'refused',
    );
  });
});

describe('a notice', () => {
  const changes = 'greet_1.0_amd64.changes';
  const upload = { queue: 'upload', changes, uploaded: true };
  const records = (state: State, version = '1.0') => [
    { distribution: 'sid', version: '1.0', record: record({ state, version }) },
  ];

  it('removes an upload that is complete and Uploaded, from the one queue that has it', () => {
    expect(answerNotice({ changes, queued: [upload], records: records('Uploaded') })).toEqual({
      kind: 'remove',
      effect: { kind: 'unqueue', queues: ['upload'], changes },
    });
  });

  it.each([
    ['in no queue', [], records('Uploaded')],
    ['in two queues', [upload, { ...upload, queue: 'two' }], records('Uploaded')],
    ['not handed over completely', [{ ...upload, uploaded: false }], records('Uploaded')],
    ['Built in the store', [upload], records('Built')],
    ['Uploaded in another version', [upload], records('Uploaded', '1.1')],
    ['not in the store', [upload], [{ distribution: 'sid', version: '1.0', record: null }]],
    ['unreadable', [upload], []],
  ])('about an upload that is %s removes nothing', (_, queued, where) => {
    expect(answerNotice({ changes, queued, records: where }).kind).toBe('log');
  });
});
