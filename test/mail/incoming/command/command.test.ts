import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand, type Asked } from '../../../../src/mail/incoming/command/command.ts';
import { logKeywords, shouldBuildKeywords } from '../../../../src/mail/incoming/command/keywords.ts';

const log: Asked = { keywords: logKeywords, package: 'hello', banners: [] };
const ask: Asked = { ...log, keywords: shouldBuildKeywords };
const read = (text: string, asked: Asked = log) => readCommand(text, asked);
const done = (action: string, argument: string | null = null, priority: number | null = null) => ({
  kind: 'command',
  action,
  argument,
  priority,
});

const words: Record<string, string[]> = {
  retry: ['retry', 'ret', 'retr'],
  'give-back': ['giveback', 'give-back', 'give', 'back', 'given-back'],
  manual: ['manual', 'man'],
  'not-for-us': ['not-for-us'],
  'upload-rem': ['upload-rem', 'upload-remove', 'up-rem', 'up-remove', 'upl-rem', 'upl-remove'],
  purge: ['purge'],
  undo: ['undo'],
  status: ['status'],
  help: ['help', '?'],
};
const depWait = [
  'dep-wait',
  'dep-w',
  'd-w',
  'd-wait',
  'dep-ret',
  'dep-retry',
  'd-ret',
  'd-retry',
  'dependency-wait',
  'dependency-ret',
  'dependency-retry',
];
const alone = Object.entries(words).flatMap(([action, list]) => list.map((word) => [word, action] as const));

describe('a keyword alone', () => {
  it.each(alone)('%s is %s, in any case, with punctuation, below blank lines', (word, action) => {
    const title = word.charAt(0).toUpperCase() + word.slice(1);
    for (const text of [
      word,
      word.toUpperCase(),
      title,
      `${word}.`,
      `${word},`,
      `${word}!`,
      `${word}:`,
      `\n \n  ${word}  \nthanks`,
      `\ufeff\u00a0${word}\u00a0`,
    ]) {
      expect(read(text), text).toEqual(done(action));
    }
  });

  it.each(alone)('%s is refused where prose follows it', (word) => {
    for (const text of [
      `${word} please`,
      `${word}, thanks`,
      `${word} from holidays on Monday`,
      `${word}s`,
      `x${word}`,
      `${word}-x`,
      `${word} ${word}`,
    ]) {
      expect(read(text).kind, text).toBe('not-understood');
    }
  });

  it('is only the first line; the next one is not read', () => {
    expect(read('retry\npurge')).toEqual(done('retry'));
    expect(read('Hi,\nretry').kind).toBe('not-understood');
  });

  it.each([
    'ok',
    'build',
    'no-build',
    'uploa-rem',
    'deb-wait',
    'installed',
    'yes',
    'retry?',
    'return to me',
    'backup',
    'blacklist a@example.org',
  ])('%s is no answer to a log', (text) => {
    expect(read(text).kind).toBe('not-understood');
  });

  it('is found behind the banners that the configuration names, and only those', () => {
    const banners = [/^\[EXTERNAL\]/u, /^CAUTION: /u];
    const text = '[EXTERNAL] not ours\n\nCAUTION: do not click\nretry';
    expect(read(text, { ...log, banners })).toEqual(done('retry'));
    expect(read(text).kind).toBe('not-understood');
  });
});

describe('fail', () => {
  it.each(['fail', 'failed', 'failure', 'Fail', 'FAIL:'])(
    '%s takes the reason from its line and those below',
    (word) => {
      expect(read(`${word} no space\nmore`)).toEqual(done('fail', 'no space\nmore'));
      expect(read(`${word}\n\nline one\n.\nline two\n`)).toEqual(done('fail', 'line one\n.\nline two'));
    },
  );

  it('takes the reason as data, whatever is in it', () => {
    expect(read('fail\nreason\n.\n--failed other_1.0')).toEqual(done('fail', 'reason\n.\n--failed other_1.0'));
    expect(read('fail\na\u001b[31mb\u0000c')).toEqual(done('fail', 'a[31mbc'));
  });

  it.each([
    ['a signature', 'fail\nreason\n-- \nAdmin'],
    [
      'an attribution and the quote below it',
      'fail\nreason\n\nOn Mon, Jun 16, 2025 at 10:12 AM Buildd <\nbuildd@example.org> wrote:\n\n> log\n> more\n',
    ],
    ['an attribution in another language', 'fail\nreason\n\nAm 16.06.25 um 10:12 schrieb Buildd:\n> log'],
    ['an attribution without a verb', 'fail\nreason\n\n2025年6月16日(月) 10:12 Buildd <buildd@example.org>:\n\n> log'],
    ['a quote without attribution', 'fail\nreason\n\n> log\n> more'],
    ['an Outlook block', 'fail\nreason\n\n-----Original Message-----\nFrom: x\nlog'],
    ['an Outlook block in German', 'fail\nreason\n-----Ursprüngliche Nachricht-----\nlog'],
    ['a row of underscores', 'fail\nreason\n________________________________\nFrån: x'],
    [
      'a From and Sent block',
      'fail\nreason\n\nVon: Buildd <buildd@example.org>\nGesendet: 16. Juni 2025\nAn: Admin\nBetreff: Log\n\nlog',
    ],
    [
      'the line of a telephone',
      'fail\nreason\n\nSent from my iPhone\n\n> On Jun 16, 2025, at 10:12, Buildd wrote:\n> log',
    ],
  ])('ends its reason at %s', (_, text) => {
    expect(read(text)).toEqual(done('fail', 'reason'));
  });

  it('keeps a quote in the middle of the reason', () => {
    expect(read('fail\nsee\n\n> gcc: error\n\nthat is a bug')).toEqual(
      done('fail', 'see\n\n> gcc: error\n\nthat is a bug'),
    );
  });

  it.each([
    'fail',
    'fail.',
    'fail\n\n',
    'fail\n-- \nAdmin',
    'fail\n\n> log',
    'fail\n\nOn 16 Jun 2025 Buildd wrote:\n> log',
  ])('is refused without a reason: %j', (text) => {
    expect(read(text)).toMatchObject({
      kind: 'not-understood',
      reason: expect.stringContaining('needs a reason') as string,
    });
  });
});

describe('dep-wait', () => {
  it.each(depWait)('%s takes the list from its line or the next one', (word) => {
    expect(read(`${word} libfoo-dev (>= 1.2-3), libbar-dev`)).toEqual(
      done('dep-wait', 'libfoo-dev (>= 1.2-3), libbar-dev'),
    );
    expect(read(`${word}\n\nlibfoo-dev (= 2:1.0+dfsg-1+b2)\nthanks`)).toEqual(
      done('dep-wait', 'libfoo-dev (= 2:1.0+dfsg-1+b2)'),
    );
  });

  it('puts a list together that a mail program has broken', () => {
    expect(read('dep-wait libfoo-dev,\nlibbar-dev (>=\n1.2)\nthanks')).toEqual(
      done('dep-wait', 'libfoo-dev, libbar-dev (>= 1.2)'),
    );
  });

  it.each([
    'dep-wait',
    'dep-wait\n\n> libfoo-dev',
    'dep-wait libfoo-dev; rm -rf /, $(touch /tmp/x)',
    'dep-wait libfoo-dev (<< 1)',
    'dep-wait a | b',
    'dep-wait the new libfoo please',
    'dep-wait libfoo-dev\u0000',
  ])('is refused without a good list: %j', (text) => {
    expect(read(text).kind).toBe('not-understood');
  });
});

describe('giveback and newvers', () => {
  it('take a priority', () => {
    expect(read('giveback 10')).toEqual(done('give-back', null, 10));
    expect(read('give-back -5')).toEqual(done('give-back', null, -5));
    expect(read('giveback soon').kind).toBe('not-understood');
  });

  it.each(['newvers', 'newv', 'newver', 'newversion'])(
    '%s takes a version, with the name of the package or without',
    (word) => {
      expect(read(`${word} 1:2.10-4`)).toEqual(done('newvers', '1:2.10-4'));
      expect(read(`${word} hello_2.10-4`)).toEqual(done('newvers', '2.10-4'));
      for (const text of [word, `${word} other_2.10-4`, `${word} 2.10_4`, `${word} 2.10-4 please`, `${word} $(id)`]) {
        expect(read(text).kind, text).toBe('not-understood');
      }
    },
  );
});

describe('an answer to "Should I build"', () => {
  it.each([
    ['build', 'build'],
    ['ok', 'build'],
    ['OK.', 'build'],
    ['no-build', 'no-build'],
    ['no-b', 'no-build'],
    ['not-for-us', 'no-build'],
    ['give-back', 'give-back'],
    ['giveback', 'give-back'],
    ['fail', 'fail'],
    ['help', 'help'],
  ])('%s is %s', (text, action) => {
    expect(read(text, ask)).toEqual(done(action));
  });

  it.each(['retry', 'purge', 'dep-wait x', 'build it'])('%s is none', (text) => {
    expect(read(text, ask).kind).toBe('not-understood');
  });
});

describe('an empty answer', () => {
  it.each([
    ['blank', '  \n\n', 'no text'],
    ['quoted text first', '> Log\nretry', 'quoted text'],
    ['a signature first', '-- \nretry', 'signature'],
    ['an attribution first', 'On Mon, 16 Jun 2025, Buildd wrote:\n> x\nretry', 'original mail'],
    ['an Outlook block first', '-----Original Message-----\nretry', 'original mail'],
    ['a row of underscores first', `${'_'.repeat(40)}\nVon: x\nretry`, 'original mail'],
  ])('is refused, and nothing below is read: %s', (_, text, reason) => {
    expect(read(text)).toMatchObject({ kind: 'not-understood', reason: expect.stringContaining(reason) as string });
  });
});

it('any text is read without error, and what it says is one of ours', () => {
  const pieces = [
    'retry',
    'fail',
    'dep-wait ',
    '\n',
    '> ',
    'On 1 ',
    ' wrote:',
    '-- ',
    '-----',
    '____________________',
    'a: b@c\n',
    '(',
    ',',
    ' ',
    '\ufeff',
    '1',
  ];
  const actions = new Set<string>([...logKeywords].map((keyword) => keyword.action));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (list) => {
      const command = read(list.join(''));
      expect(command.kind === 'not-understood' ? command.reason.length < 300 : actions.has(command.action)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
