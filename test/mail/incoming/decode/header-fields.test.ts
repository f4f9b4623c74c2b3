import { describe, expect, it } from 'vitest';
import { countOf, readHeader, valueOf, valuesOf } from '../../../../src/mail/incoming/decode/header-fields.ts';

const read = (text: string) => {
  const bytes = Buffer.from(text, 'latin1');
  return readHeader(bytes, 0, bytes.length);
};

describe('a header', () => {
  it('keeps every field in order, duplicates too', () => {
    const header = read('From: a\nSubject: one\nsubject: two\n\nbody');
    expect(valuesOf(header, 'subject')).toEqual(['one', 'two']);
    expect(countOf(header, 'from')).toBe(1);
    expect(header.bytes.toString('latin1', header.bodyStart)).toBe('body');
  });

  it('unfolds continuation lines, with LF and with CRLF', () => {
    expect(valueOf(read('Subject: one\n two\n\tthree\n\n'), 'subject')).toBe('one two\tthree');
    expect(valueOf(read('Subject: one\r\n two\r\n\r\n'), 'subject')).toBe('one two');
  });

  it('skips the envelope line of a mailbox and a byte order mark', () => {
    expect(valueOf(read('From admin@example.org Mon Jun 16\nSubject: x\n\n'), 'subject')).toBe('x');
    expect(valueOf(read('\u00ef\u00bb\u00bfSubject: x\n\n'), 'subject')).toBe('x');
  });

  it('leaves out lines that are no fields, with what continues them', () => {
    const header = read('no field here\n Subject: hidden\nSubject: seen\n: none\n\n');
    expect(header.fields.map((field) => field.name)).toEqual(['subject']);
  });

  it('says that it is overlong instead of keeping millions of fields', () => {
    const header = read('a:\n'.repeat(300_000));
    expect(header.overlong).toBe(true);
    expect(header.fields.length).toBe(200_000);
  });

  it('has no fields where there is nothing', () => {
    expect(read('').fields).toEqual([]);
    expect(read('\nbody').bodyStart).toBe(1);
  });
});
