import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import {
  attachmentEntity,
  mailOf,
  multipartEntity,
  quotedPrintable,
  textEntity,
} from '../../../src/mail/outgoing/mime.ts';

const lines = (entity: Uint8Array): string[] => Buffer.from(entity).toString('latin1').split('\r\n');
const textBack = async (entity: Buffer): Promise<string> =>
  (await simpleParser(mailOf([['From', 'a@example.org']], entity), { skipTextToHtml: true })).text ?? '';

describe('a text part', () => {
  it('goes out as it is where no mail server has a reason to touch it', () => {
    expect(lines(textEntity('one\ntwo'))).toEqual([
      'Content-Type: text/plain; charset=us-ascii',
      'Content-Disposition: inline',
      'Content-Transfer-Encoding: 7bit',
      '',
      'one',
      'two',
      '',
    ]);
  });

  it('is encoded where a mailbox, a mail server or a signature would suffer', () => {
    for (const text of [
      'From here on',
      '.',
      '. x',
      'blank at the end ',
      'tab\t',
      'Grüße',
      'x'.repeat(1000),
      'nul\0',
      'bare\rreturn',
    ]) {
      const entity = Buffer.from(textEntity(`before\n${text}\nafter`));
      expect(entity.toString('latin1')).toContain('quoted-printable');
      const body = entity.subarray(entity.indexOf('\r\n\r\n') + 4).toString('latin1');
      expect(body).toMatch(/^[\t\r\n\x20-\x7e]*$/);
      expect(body.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      for (const line of body.split('\r\n')) {
        expect(line.length).toBeLessThanOrEqual(76);
        expect(line).not.toMatch(/[ \t]$|^From |^\./);
      }
    }
  });

  it('is read by a mail program as it was written, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        // What no mail can carry: a carriage return that is not a line end, and blank space that parsers trim.
        const sent = `|${text
          .replace(/[\r\0]/g, '')
          .split('\n')
          .join('|\n|')}|`;
        expect((await textBack(textEntity(sent))).trimEnd()).toBe(Buffer.from(sent, 'utf8').toString('utf8'));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps every character of a long line', () => {
    const encoded = quotedPrintable('ä=€'.repeat(500));
    const back = encoded
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    expect(Buffer.from(back, 'latin1').toString('utf8')).toBe('ä=€'.repeat(500));
  });
});

describe('several parts', () => {
  it('come back with their names and bytes', async () => {
    const content = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 256));
    const entity = multipartEntity(
      'multipart/mixed',
      [textEntity('text'), attachmentEntity({ name: 'a.log.gz', type: 'application/gzip', content })],
      'seed',
    );
    const mail = await simpleParser(mailOf([['From', 'a@example.org']], entity));
    expect(mail.text?.trim()).toBe('text');
    expect(mail.attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
      ['a.log.gz', 'application/gzip'],
    ]);
    expect(mail.attachments[0]?.content.equals(content)).toBe(true);
  });

  it('are the same bytes for the same seed', () => {
    const make = (seed: string): string =>
      multipartEntity('multipart/mixed', [textEntity('x')], seed).toString('latin1');
    expect(make('one')).toBe(make('one'));
    expect(make('one')).not.toBe(make('two'));
  });
});
