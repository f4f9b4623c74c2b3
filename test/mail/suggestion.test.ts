// The answer that a log mail suggests, copied out of it as it stands: the whole of it must be understood, whatever a
// log made it contain.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../src/mail/incoming/command/command.ts';
import { logKeywords } from '../../src/mail/incoming/command/keywords.ts';
import { headLines, suggestedAnswer, type EndedBuild, type LikelyReason } from '../../src/mail/outgoing/head.ts';

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
    diskUsed: 1,
  },
};

// Null: the head only points at the link.
const copied = (reason: LikelyReason): string | null => {
  const lines = headLines({ build, previous: null, reasons: [reason] });
  const at = lines.indexOf('Suggested answer:');
  const text = lines.slice(at + 1).join('\n');
  return text.includes('(long: take the first link below)') ? null : text;
};
const commandOf = (text: string) => readCommand(text, { keywords: logKeywords, package: 'greet', banners: [] });
const words = (text: string): string => text.replace(/\s+/g, ' ').trim();

const expectWhole = (line: string): void => {
  const reason: LikelyReason = { title: 'a test failed', lines: [line], proposal: null };
  const suggested = suggestedAnswer('attempted', [reason]) ?? '';
  for (const text of [copied(reason), suggested]) {
    if (text === null) continue;
    const command = commandOf(`${text}\n\nSomebody\n`);
    expect(command).toMatchObject({ kind: 'command', action: 'fail' });
    if (command.kind === 'command')
      expect(words(command.argument ?? '').replace(/ Somebody$/, '')).toBe(words(suggested.slice('fail '.length)));
  }
};

describe('the suggested fail answer', () => {
  it('is understood as the whole reason where it takes two lines', () => {
    const line =
      'greet.c:5:10: error: no such thing as this very long name, which goes on beyond the first of the lines';
    expect(copied({ title: 'a test failed', lines: [line], proposal: null })?.split('\n')).toHaveLength(2);
    expectWhole(line);
  });

  it.each([
    ['what looks like quoting', `${'x'.repeat(50)} expected > 3, but the result of the very last of all tests was > 4`],
    ['a dash', `${'x'.repeat(53)} -- and then it went on for much longer than a line can be in the head`],
    [
      'what looks like an attribution',
      `on 2026-11-20 ${'x'.repeat(40)} the linker of the toolchain at ld@example.org wrote:`,
    ],
    ['a row of underscores', `${'x'.repeat(50)} ${'_'.repeat(40)} and more of the same that was written below it`],
    ['an original', `${'x'.repeat(50)} -----Original Message----- and more of the same that was written below it`],
    ['a prefix like Supercite', `${'x'.repeat(50)} foo> bar ${'y'.repeat(30)} and more`],
    ['sent from', `${'x'.repeat(50)} Sent from my build daemon, and more than that which goes on for a while`],
  ])('is understood as the whole reason where a log puts %s where the line breaks', (_, line) => {
    expectWhole(line);
  });

  it('is understood as the whole reason, whatever stands in the log', () => {
    const piece = fc.constantFrom('>', '--', '-- ', 'wrote:', 'On', '2026-11-20', 'a@example.org', '____________________', '-----Original Message-----', 'foo>', 'From:', 'x', 'error:', 'abcdefgh', '\t', '\u00a0', '|', 'é', 'Sent from my', '\u200b', '.'); // prettier-ignore
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 30 }), (pieces) => expectWhole(pieces.join(' '))),
      { numRuns: 2000 },
    );
  });
});
