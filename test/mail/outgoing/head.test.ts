import { describe, expect, it } from 'vitest';
import { headLines, suggestedAnswer, type EndedBuild, type LikelyReason } from '../../../src/mail/outgoing/head.ts';

const build: EndedBuild = {
  number: 7,
  package: 'greet',
  version: '1.0',
  distribution: 'sid',
  architecture: 'amd64',
  builderUser: 'buildd',
  claim: 3,
  binNmu: null,
  take: { mailLogs: null, suppressSuccessfulLogs: false },
  state: 'reported',
  started: new Date('2026-11-20T08:00:00Z'),
  end: {
    result: 'attempted',
    failStage: 'build',
    remark: null,
    logFile: null,
    changesFile: null,
    finished: new Date('2026-11-20T09:15:02Z'),
    diskUsed: 1_234_567,
  },
};
const ended = (end: Partial<EndedBuild['end']>): EndedBuild => ({ ...build, end: { ...build.end, ...end } });
const compiler: LikelyReason = {
  title: 'the compiler reports an error',
  lines: ['greet.c:5: error: no such thing'],
  proposal: null,
};
const missing = (answer: string): LikelyReason => ({
  title: 'a build dependency is missing',
  lines: ['  Depends: libfoo-dev'],
  proposal: { answer },
});

describe('the head of a log mail', () => {
  it('says what happened in a few lines', () => {
    expect(headLines({ build: ended({ result: 'successful', failStage: null }), previous: null, reasons: [] })).toEqual(
      [
        'greet 1.0 on amd64 (dist=sid)',
        '',
        'Result:     successful',
        'Duration:   1:15:02, 1,234,567 KiB of disk used',
        'Finished:   2026-11-20T09:15:02Z, build 7 by buildd',
        'Previous:   none here',
      ],
    );
  });

  it('says why a build failed and what to answer', () => {
    expect(headLines({ build, previous: build, reasons: [compiler] }).slice(2)).toEqual([
      "Result:     attempted: it does not build (the package's fault)",
      'Stage:      build',
      'Duration:   1:15:02, 1,234,567 KiB of disk used',
      'Finished:   2026-11-20T09:15:02Z, build 7 by buildd',
      'Previous:   attempted (1.0, 2026-11-20, 1:15:02)',
      '',
      'Likely reason: the compiler reports an error',
      '    greet.c:5: error: no such thing',
      '',
      'Suggested answer:',
      '    fail the compiler reports an error: greet.c:5: error: no such thing',
    ]);
  });

  it('says that nobody knows the reason where nobody does', () => {
    expect(headLines({ build: ended({ logFile: '/home/logs/x' }), previous: null, reasons: [] }).at(-1)).toBe(
      'No likely reason was found in the log; see its end.',
    );
    expect(headLines({ build, previous: null, reasons: [] }).join('\n')).not.toContain('see its end');
  });

  it('has the whole remark, over several lines where it is long', () => {
    const path = `/srv/${'directory/'.repeat(9)}greet`;
    const remark = `sbuild cannot be started: ${path} is not there; install it, or say in builder.command what to run instead`;
    const lines = headLines({ build: ended({ remark }), previous: null, reasons: [] });
    const start = lines.findIndex((line) => line.startsWith('Remark:'));
    const shown = lines.slice(
      start,
      lines.findIndex((line) => line.startsWith('Duration:')),
    );
    expect(
      shown
        .map((line) => line.slice(12))
        .join('')
        .replaceAll(' ', ''),
    ).toBe(remark.replaceAll(' ', ''));
    expect(shown.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(78);
  });

  it('has no more than six lines of a remark', () => {
    const lines = headLines({
      build: ended({ remark: 'again and '.repeat(200) }),
      previous: null,
      reasons: [compiler],
    });
    expect(
      lines.findIndex((line) => line.startsWith('Duration:')) - lines.findIndex((line) => line.startsWith('Remark:')),
    ).toBe(6);
    expect(lines).toContain('Suggested answer:');
  });

  it('asks for no answer where the package was given back and only time helps', () => {
    const given = ended({ result: 'given-back', failStage: 'fetch-src' });
    expect(headLines({ build: given, previous: null, reasons: [missing('giveback')] }).at(-1)).toBe(
      'It was given back already; it needs no answer.',
    );
    expect(headLines({ build: ended({ result: 'aborted' }), previous: null, reasons: [] }).at(-1)).toBe(
      'It needs no answer.',
    );
  });

  it('has a long list of dep-wait in several lines, broken after commas, so that it can be copied', () => {
    const answer = 'dep-wait libone-dev (>= 1:2.3.4-5), libtwo-dev (>= 2.0), libthree-dev (>> 3.1), libfour-dev';
    const lines = headLines({ build: ended({ result: 'given-back' }), previous: null, reasons: [missing(answer)] });
    expect(lines.slice(-4)).toEqual([
      'Suggested answer:',
      '    dep-wait',
      '    libone-dev (>= 1:2.3.4-5), libtwo-dev (>= 2.0), libthree-dev (>> 3.1),',
      '    libfour-dev',
    ]);
  });

  it('points at the link where an answer is too long to be copied whole', () => {
    const answer = `dep-wait ${Array.from({ length: 40 }, (_, n) => `libsomething${n}-dev (>= 1.0)`).join(', ')}`;
    const lines = headLines({ build: ended({ result: 'given-back' }), previous: null, reasons: [missing(answer)] });
    expect(lines.at(-1)).toBe('    (long: take the first link below)');
    expect(suggestedAnswer('given-back', [missing(answer)])).toBe(answer);
  });

  it('never has more than 20 lines of 78 columns, whatever a log holds', () => {
    const long = 'x'.repeat(5000);
    const hostile: LikelyReason = {
      title: `${long}\n${long}`,
      lines: [long, `a ${'b '.repeat(3000)}`, '\u001b[31m\r\n', '\u202eevil', long],
      proposal: null,
    };
    const lines = headLines({
      build: ended({ failStage: long, remark: `${long}\n`.repeat(50) }),
      previous: build,
      reasons: [hostile],
    });
    expect(lines.length).toBeLessThanOrEqual(20);
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(78);
      expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e]*$/);
    }
    expect(lines).toContain('Suggested answer:');
  });
});
