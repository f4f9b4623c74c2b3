import { describe, expect, it } from 'vitest';
import { section, summary } from '../../src/builder/log-format.ts';
import { summaryOf } from '../../src/builder/log-summary.ts';
import { buildWorld } from '../support/build-world.ts';

const sbuilds = `${section('Summary')}Build Architecture: amd64
Build Type: any
Build-Space: 40
Build-Time: 3
Distribution: bookworm
Fail-Stage: build
Host Architecture: amd64
Install-Time: 2
Job: /tmp/broken-greet_1.0.dsc
Package: broken-greet
Package-Time: 4
Source-Version: 1.0
Space: 40
Status: attempted
Version: 1.0+b2
--------------------------------------------------------------------------------
Finished at 2026-11-20T10:13:40Z
Status: forged after the end
E: Build failure (dpkg-buildpackage died)`;

describe('the summary of a log', () => {
  it('is read out of what sbuild writes', () => {
    expect(summaryOf(sbuilds.split('\n'))).toEqual({
      status: 'attempted',
      failStage: 'build',
      version: '1.0+b2',
      sourceVersion: '1.0',
      buildSeconds: 3,
      packageSeconds: 4,
      spaceKiB: 40,
    });
  });

  it('is the last one: what a package prints before it does not count', () => {
    const forged = `${section('Summary')}Status: successful\n`;
    expect(summaryOf(`${forged}${sbuilds}`.split('\n'))?.status).toBe('attempted');
  });

  it('is null where the builder was killed before it could write one', () => {
    expect(summaryOf(['cc -c a.c', 'Status: successful'])).toBeNull();
  });

  it('takes nothing that is not what it should be', () => {
    const odd = `${section('Summary')}Status: ${'x'.repeat(200)}\nFail-Stage: ../etc\nVersion: a b\nSpace: n/a\nBuild-Time: 1e9\n`;
    expect(summaryOf(odd.split('\n'))).toMatchObject({
      status: null,
      failStage: null,
      version: null,
      spaceKiB: null,
      buildSeconds: null,
    });
  });

  it('reads what our own builders write', () => {
    const world = buildWorld();
    const started = new Date('2026-11-20T10:00:00Z');
    const finished = new Date('2026-11-20T11:01:05Z');
    const text = summary(world.job({ binNmu: { number: 2, changelog: 'x' } }), {
      result: 'given-back',
      failStage: 'install-deps',
      started,
      finished,
      buildSeconds: 1.4,
      diskUsed: 99,
    });
    world.remove();
    expect(summaryOf(text.split('\n'))).toEqual({
      status: 'given-back',
      failStage: 'install-deps',
      version: '1.0+b2',
      sourceVersion: '1.0',
      buildSeconds: 1,
      packageSeconds: 3665,
      spaceKiB: 99,
    });
    expect(text).toMatch(/Finished at 2026-11-20T11:01:05Z\nBuild needed 01:01:05, 99k disk space\n$/);
  });
});
