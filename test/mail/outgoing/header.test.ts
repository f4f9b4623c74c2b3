import { describe, expect, it } from 'vitest';
import {
  formatFields,
  formatMailbox,
  headerText,
  isAddress,
  isMessageId,
  mailDate,
  parseMailbox,
} from '../../../src/mail/outgoing/header.ts';

const decoded = (value: string): string =>
  value.replace(/=\?UTF-8\?B\?([A-Za-z0-9+/=]*)\?=(?: (?==\?))?/g, (_, base64: string) =>
    Buffer.from(base64, 'base64').toString('utf8'),
  );

describe('the text of a header field', () => {
  it('stays as it is where it is plain ASCII', () => {
    expect(headerText('Log for failed build of greet_1.0 on amd64 (dist=sid)')).toBe(
      'Log for failed build of greet_1.0 on amd64 (dist=sid)',
    );
  });

  it('cannot start a second field', () => {
    for (const breaker of ['\r\n', '\n', '\r', '\u0085', '\u2028', '\v', '\f', '\0']) {
      const field = formatFields([['Subject', headerText(`one${breaker}Bcc: victim@example.org`)]]);
      expect(field).toBe('Subject: one Bcc: victim@example.org\r\n');
    }
  });

  it('cannot start a second field even where a value was not made by headerText', () => {
    expect(formatFields([['To', 'a@example.org\r\nBcc: b@example.org\r\n\r\nbody']])).toBe(
      'To: a@example.org Bcc: b@example.org body\r\n',
    );
  });

  it('is encoded where it is not ASCII, in words of at most 75 characters that hold whole characters', () => {
    const text = 'Straße 🙂 '.repeat(30).trim();
    const value = headerText(text);
    for (const word of value.split(' ')) {
      expect(word.length).toBeLessThanOrEqual(75);
      expect(decoded(word)).not.toContain('\ufffd');
    }
    expect(decoded(value)).toBe(text);
  });

  it('is encoded where it only looks like an encoded word', () => {
    expect(decoded(headerText('=?utf-8?Q?evil?='))).toBe('=?utf-8?Q?evil?=');
    expect(headerText('=?utf-8?Q?evil?=')).toMatch(/^=\?UTF-8\?B\?/);
  });

  it('is cut at 400 characters', () => {
    expect(headerText('x'.repeat(10_000))).toBe(`${'x'.repeat(400)}...`);
  });
});

describe('fields', () => {
  it('are folded at blanks, no line longer than 78 where that can be, and unfold to what they were', () => {
    const ids = Array.from({ length: 10 }, (_, n) => `<b.${'abcdefgh'.repeat(4)}${n}@example.org>`).join(' ');
    const field = formatFields([['References', ids]]);
    expect(field.split('\r\n').every((line) => line.length <= 78)).toBe(true);
    expect(field.replace(/\r\n /g, ' ')).toBe(`References: ${ids}\r\n`);
  });

  it('never have a line of blanks only, nor a name alone on its line', () => {
    const field = formatFields([['Subject', `${'x'.repeat(100)}   ${' '.repeat(90)} ${'y'.repeat(100)}`]]);
    expect(
      field
        .split('\r\n')
        .slice(0, -1)
        .every((line) => line.trim() !== ''),
    ).toBe(true);
    expect(field.startsWith('Subject: x')).toBe(true);
  });

  it('have dates as RFC 5322 wants them', () => {
    expect(mailDate(new Date('2026-11-01T09:05:02Z'))).toBe('Sun, 1 Nov 2026 09:05:02 +0000');
  });
});

describe('mailboxes', () => {
  it('are read with and without a name, and written so that the name stays one', () => {
    expect(parseMailbox('buildd@example.org')).toEqual({ name: '', address: 'buildd@example.org' });
    expect(parseMailbox('arm64 Build Daemon <buildd@example.org>')).toEqual({
      name: 'arm64 Build Daemon',
      address: 'buildd@example.org',
    });
    expect(formatMailbox({ name: 'Doe, J. "x"', address: 'j@example.org' })).toBe('"Doe, J. \\"x\\"" <j@example.org>');
    expect(formatMailbox({ name: 'Jörg', address: 'j@example.org' })).toBe('=?UTF-8?B?SsO2cmc=?= <j@example.org>');
  });

  it('are refused where they are not exactly one', () => {
    for (const text of [
      '',
      'a@example.org, b@example.org',
      '<a@example.org> <b@example.org',
      'a b',
      'x <not an address>',
      'x <a@b@c>',
    ]) {
      expect(parseMailbox(text)).toBeNull();
    }
    for (const text of ['-oQ/tmp@example.org\n', 'a@example.org>', 'a b@example.org', 'a@-x', '@example.org'])
      expect(isAddress(text)).toBe(false);
    expect(isAddress('root')).toBe(true);
  });

  it('tell Message-IDs from what is none', () => {
    expect(isMessageId('<b.abc@example.org>')).toBe(true);
    for (const text of ['b.abc@example.org', '<a@b> <c@d>', '<a b@c>', '<a@b\n>', '<>'])
      expect(isMessageId(text)).toBe(false);
  });
});
