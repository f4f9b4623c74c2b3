import { describe, expect, it } from 'vitest';
import type { LogSummary } from '../../src/builder/log-summary.ts';
import { sbuildVerdict } from '../../src/builder/sbuild-verdict.ts';
import type { Supervision } from '../../src/builder/supervise.ts';

const ended = (changed: Partial<Supervision>): Supervision => ({
  code: null,
  signal: null,
  stopped: null,
  reason: null,
  killed: false,
  notStarted: null,
  ...changed,
});
const said = (status: string, failStage: string | null): LogSummary => ({
  status,
  failStage,
  version: '1.0',
  sourceVersion: '1.0',
  buildSeconds: 3,
  packageSeconds: 9,
  spaceKiB: 40,
});
const aborted = 'E: ABORT: Received TERM signal (requesting cleanup and shutdown)';

describe('how a run of sbuild ended', () => {
  it.each([
    [
      'a success',
      ended({ code: 0 }),
      said('successful', null),
      [],
      { result: 'successful', failStage: null, remark: null },
    ],
    [
      'debian/rules failed',
      ended({ code: 2 }),
      said('attempted', 'build'),
      [],
      { result: 'attempted', failStage: 'build', remark: null },
    ],
    [
      'dependencies missing',
      ended({ code: 3 }),
      said('given-back', 'install-deps'),
      [],
      { result: 'given-back', failStage: 'install-deps', remark: null },
    ],
    [
      'source not found',
      ended({ code: 3 }),
      said('given-back', 'fetch-src'),
      [],
      { result: 'given-back', failStage: 'fetch-src', remark: null },
    ],
    [
      'not for this architecture',
      ended({ code: 1 }),
      said('skipped', 'arch-check'),
      [],
      { result: 'attempted', failStage: 'arch-check' },
    ],
    [
      'no chroot',
      ended({ code: 1 }),
      said('failed', 'create-session'),
      ['E: nope: Chroot not found', 'E: Error creating chroot session: skipping greet'],
      {
        result: 'failed',
        failStage: 'create-session',
        remark: 'sbuild ended with exit code 1: E: Error creating chroot session: skipping greet',
      },
    ],
    [
      'an option that it does not know',
      ended({ code: 255 }),
      null,
      ['Unknown option: nope'],
      { result: 'failed', failStage: 'init', remark: 'sbuild ended with exit code 255: Unknown option: nope' },
    ],
    [
      'we stopped it while it built',
      ended({ code: 2, stopped: 'aborted', reason: 'told' }),
      said('attempted', 'build'),
      [aborted],
      { result: 'aborted', remark: 'told' },
    ],
    [
      'we stopped it before it built',
      ended({ code: 1, stopped: 'aborted', reason: 'told' }),
      said('failed', 'abort'),
      [aborted],
      { result: 'aborted' },
    ],
    [
      'somebody else stopped it while it built',
      ended({ code: 2 }),
      said('attempted', 'build'),
      [aborted],
      { result: 'failed', failStage: 'abort', remark: 'somebody stopped sbuild, not the build daemon' },
    ],
    [
      'it was killed',
      ended({ signal: 'SIGKILL' }),
      null,
      ['cc -c a.c'],
      { result: 'failed', failStage: 'abort', remark: 'sbuild was ended by SIGKILL, not by the build daemon' },
    ],
    [
      'it was done just before our signal',
      ended({ code: 0, stopped: 'aborted', reason: 'told' }),
      said('successful', null),
      [],
      { result: 'successful', remark: null },
    ],
    [
      'the build hung',
      ended({ code: 2, stopped: 'stuck', reason: 'no output' }),
      said('attempted', 'build'),
      [aborted],
      { result: 'attempted', failStage: 'build', remark: 'no output' },
    ],
    [
      'the download hung',
      ended({ code: 1, stopped: 'stuck', reason: 'no output' }),
      said('failed', 'abort'),
      [aborted],
      { result: 'failed', failStage: 'abort', remark: 'no output' },
    ],
    [
      'it could not be started',
      ended({ notStarted: 'cannot start nice' }),
      null,
      [],
      { result: 'failed', failStage: 'init', remark: 'cannot start nice' },
    ],
  ] as const)('%s', (_, ran, summary, lines, verdict) => {
    expect(sbuildVerdict(ran, summary, lines)).toMatchObject(verdict);
  });

  it('carries the times and the disk space of the summary', () => {
    expect(sbuildVerdict(ended({ code: 2 }), said('attempted', 'build'), [])).toMatchObject({
      buildSeconds: 3,
      diskUsed: 40,
    });
  });
});
