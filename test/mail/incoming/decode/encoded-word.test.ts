import { describe, expect, it } from 'vitest';
import { decodeWords } from '../../../../src/mail/incoming/decode/encoded-word.ts';

const raw = (text: string): string => Buffer.from(text).toString('latin1');

describe('encoded words', () => {
  it.each([
    ['plain text', 'plain text'],
    ['=?utf-8?Q?gr=C3=BCn_und?= blau', 'grün und blau'],
    ['=?UTF-8?B?Z3LDvG4=?=', 'grün'],
    ['=?iso-8859-1?q?gr=FCn?=', 'grün'],
    ['=?utf-8*de?q?gr=C3=BCn?=', 'grün'],
    ['a =?utf-8?q?b?= c', 'a b c'],
    ['=?utf-8?q?a?=  =?utf-8?q?b?=', 'ab'],
    ['=?utf-8?q?a?= =?koi8-r?q?=C2?=', 'aб'],
    ['=?iso-2022-jp?B?GyRCMnMbKEI=?=', '回'],
    ['=?x-none?q?abc?=', 'abc'],
    ['=?utf-8?q?unfinished', '=?utf-8?q?unfinished'],
  ])('%s is read as %s', (encoded, text) => {
    expect(decodeWords(encoded)).toBe(text);
  });

  it('join a character that is cut in two between them', () => {
    expect(decodeWords('=?utf-8?q?gr=C3?= =?utf-8?q?=BCn?=')).toBe('grün');
    expect(decodeWords('=?utf-8?B?Z3LD?=\t=?utf-8?B?vG4=?=')).toBe('grün');
  });

  it('are not needed for raw UTF-8 or Windows-1252', () => {
    expect(decodeWords(raw('grün'))).toBe('grün');
    expect(decodeWords('gr\u00fcn \u0093x\u0094')).toBe('grün “x”');
  });

  it('never smuggle a line break into a subject', () => {
    expect(decodeWords('=?utf-8?q?a=0D=0ABcc:_x?=')).toBe('a Bcc: x');
  });
});
