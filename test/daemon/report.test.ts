import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lastLines } from '../../src/daemon/last-lines.ts';
import { reportOf } from '../../src/daemon/report.ts';
import type { Build, BuildEnd } from '../../src/home/builds.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const end: BuildEnd & { readonly result: 'successful' } = {
  result: 'successful',
  failStage: null,
  remark: null,
  logFile: '/logs/x',
  changesFile: 'greet_1.0_amd64.changes',
  finished: new Date('2026-11-20T10:00:00Z'),
  diskUsed: 1,
};
const build: Build = {
  number: 1,
  package: 'greet',
  version: '1:1.0',
  distribution: 'sid',
  architecture: 'amd64',
  builderUser: 'builder',
  claim: 7,
  binNmu: null,
  take: { mailLogs: null, suppressSuccessfulLogs: false },
  state: 'running',
  started: end.finished,
  end: null,
};
const distribution = {
  dist_name: 'sid',
  built_architecture: 'amd64',
  wanna_build_db_user: 'builder',
  dupload_local_queue_dir: 'upload-sid',
  logs_mail_also: [],
};

describe('the report of a build', () => {
  it('carries the claim and the version, of a binNMU with +bN', () => {
    const { effects } = reportOf({ ...build, binNmu: { number: 2, changelog: 'x' } }, end, distribution, null);
    expect(effects).toMatchObject([
      { kind: 'store', report: { action: 'built', version: '1:1.0+b2', claim: 7, user: 'builder' } },
    ]);
  });

  it('sends no mail about a success where the take said so, but about all else', () => {
    const quiet = { ...build, take: { mailLogs: null, suppressSuccessfulLogs: true } };
    expect(reportOf(quiet, end, distribution, null).mails).toEqual([]);
    expect(reportOf(quiet, { ...end, result: 'attempted' }, distribution, null).mails).toEqual([
      { kind: 'log', build: 1 },
    ]);
  });

  it('queues what is signed already, after the store said yes', () => {
    const signed = { name: 'greet_1.0_amd64.changes', text: 'signed', changes: { files: [] } } as unknown as Parameters<
      typeof reportOf
    >[3];
    const { effects } = reportOf(build, end, distribution, signed);
    expect(effects.map((effect) => effect.kind)).toEqual(['store', 'queue']);
    expect(effects[1]).toMatchObject({
      queues: ['upload-sid'],
      changes: { name: 'greet_1.0_amd64.changes', text: 'signed' },
    });
    expect(
      reportOf(build, { ...end, result: 'attempted' }, distribution, signed).effects.map((effect) => effect.kind),
    ).toEqual(['store']);
  });
});

describe('the last lines of a log', () => {
  it('are those above the summary, without control characters; none where there is no log', () => {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'log');
    const box =
      '+---------+\n| Summary                                                                      |\n+---------+\n\nStatus: failed\n';
    writeFileSync(path, `${'x\n'.repeat(50_000)}one\n\u001b[31mtwo\u0007\n\n${box}`);
    expect(lastLines(path, 2)).toEqual(['one', ' [31mtwo ']);
    expect(lastLines(join(directory, 'none'), 2)).toEqual([]);
  });
});
