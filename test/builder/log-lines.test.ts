import { describe, expect, it } from 'vitest';
import { cleanLine, cleanLines, longestLine } from '../../src/builder/log-lines.ts';

describe('a line of a log', () => {
  it.each([
    ['colours', '\u001b[1;31merror:\u001b[0m no', 'error: no'],
    ['a title for the terminal', '\u001b]0;owned\u0007text', 'text'],
    ['a title that never ends', '\u001b]0;owned', ''],
    ['a device control string', 'a\u001bPq#0\u001b\\b', 'ab'],
    ['a single-character control sequence', 'a\u009b2Jb', 'ab'],
    ['bells, backspaces and nulls', 'a\u0007\u0008\u0000b', 'ab'],
    ['a carriage return in the middle', '10%\r20%\r', '10%20%'],
    ['text that turns its direction', 'a\u202eb\u2066c', 'abc'],
    ['an escape at the very end', 'a\u001b', 'a'],
  ])('loses %s', (_, line, clean) => {
    expect(cleanLine(line)).toBe(clean);
  });

  it('keeps tabs and letters of any language', () => {
    expect(cleanLine('\tmake: ‘größe’ 失敗')).toBe('\tmake: ‘größe’ 失敗');
  });

  it.each([
    '-----BEGIN PGP SIGNED MESSAGE-----',
    '-----END PGP SIGNATURE-----',
    '\u001b[0m-----BEGIN PGP MESSAGE-----',
    '-----END CERTIFICATE-----',
  ])('cannot pass for armor: %s', (line) => {
    expect(cleanLine(line)).toMatch(/^- -----(?:BEGIN|END)/);
  });

  it('is cut with a mark where it is too long, and never through a character', () => {
    const clean = cleanLine(`${'a'.repeat(longestLine - 1)}😀${'b'.repeat(10)}`);
    expect(clean).toBe(`${'a'.repeat(longestLine - 1)} […]`);
  });

  it('shows what is no UTF-8 as U+FFFD', () => {
    expect(cleanLines(Buffer.from([0x61, 0xff, 0x0a, 0xc3]))).toEqual(['a\ufffd', '\ufffd']);
  });
});
