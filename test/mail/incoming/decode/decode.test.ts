import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerText, contentsOf } from '../../../../src/mail/incoming/decode/content.ts';
import { contentBytes, decodeMail, type MailPart } from '../../../../src/mail/incoming/decode/decode.ts';

const textOf = (raw: string | Buffer): string => answerText(contentsOf(decodeMail(Buffer.from(raw)).root));
const plain = (headers: string, body: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${headers}\n\n`), Buffer.from(body)]);
const multipart = (type: string, ...parts: string[]): string =>
  `Content-Type: multipart/${type}; boundary="b"\n\npreamble\n${parts.map((part) => `--b\n${part}\n`).join('')}--b--\nepilogue\n`;
const count = (part: MailPart): number => part.children.reduce((sum, child) => sum + count(child), 1);

describe('the text of a mail', () => {
  it.each([
    ['no header at all', '\nretry', 'retry'],
    ['quoted-printable', 'Content-Transfer-Encoding: Quoted-Printable\n\nret=\nry=20', 'retry '],
    ['quoted-printable with CRLF', 'Content-Transfer-Encoding: quoted-printable\r\n\r\nret=\r\nry \r\nx', 'retry\nx'],
    ['base64', 'Content-Transfer-Encoding: base64\n\ncmV0\r\ncnk=\n', 'retry'],
    [
      'flowed',
      'Content-Type: text/plain; format=flowed\n\nfail one \ntwo\n more\n-- \nx',
      'fail one two\nmore\n-- \nx',
    ],
    ['flowed with DelSp', 'Content-Type: text/plain; format=flowed; delsp=yes\n\nfail on \ne', 'fail one'],
    ['HTML', 'Content-Type: text/html\n\n<p>re&#116;ry&nbsp;</p><blockquote>old</blockquote>', 'retry\n> old\n'],
    ['alternative', multipart('alternative', 'Content-Type: text/html\n\n<b>no</b>', '\nretry'), 'retry'],
    ['alternative of HTML alone', multipart('alternative', 'Content-Type: text/html\n\n<p>retry</p>'), 'retry\n'],
    ['a list footer', multipart('mixed', '\nretry', '\nfooter'), 'retry'],
    ['an empty first part', multipart('mixed', '\n \n', '\nretry'), 'retry'],
    [
      'S/MIME',
      multipart('signed', 'Content-Type: text/plain\n\nretry', 'Content-Type: application/pkcs7-signature\n\nx'),
      'retry',
    ],
    ['an attachment', multipart('mixed', 'Content-Disposition: attachment; filename=x\n\nretry'), ''],
    ['an enclosed mail', multipart('mixed', 'Content-Type: message/rfc822\n\nSubject: x\n\nretry'), ''],
    ['a binary part', multipart('mixed', 'Content-Type: application/pdf\n\nretry'), ''],
    ['preamble and epilogue', multipart('mixed'), ''],
  ])('is found: %s', (_, raw, text) => {
    expect(textOf(raw)).toBe(text);
  });

  it.each([
    ['utf-8', Buffer.from('größer')],
    ['iso-8859-1', Buffer.from('größer', 'latin1')],
    ['UTF-16LE', Buffer.from('größer', 'utf16le')],
    ['utf-7', Buffer.from('gr+APYA3w-er')],
    ['cp850', Buffer.from([0x67, 0x72, 0x94, 0xe1, 0x65, 0x72])],
    ['us-ascii', Buffer.from('größer')],
    ['no-such-charset', Buffer.from('größer', 'latin1')],
  ])('is decoded from %s', (charset, bytes) => {
    expect(textOf(plain(`Content-Type: text/plain; charset="${charset}"`, bytes))).toBe('größer');
  });

  it('is guessed where no character set is named', () => {
    expect(textOf(plain('X-Nothing: said', Buffer.from('größer')))).toBe('größer');
    expect(textOf(plain('X-Nothing: said', Buffer.from('größer', 'latin1')))).toBe('größer');
  });

  it('is cut at 1 MiB', () => {
    expect(textOf(`\n${'x'.repeat(3 * 1024 * 1024)}`).length).toBe(1024 * 1024);
  });
});

describe('the parts of a mail', () => {
  it('keep the bytes they are made of', () => {
    const raw = Buffer.from(multipart('mixed', 'Content-Type: text/plain\n\none\n', '\ntwo').replaceAll('\n', '\r\n'));
    const [first] = decodeMail(raw).root.children;
    expect(first && raw.toString('latin1', first.start, first.end)).toBe('Content-Type: text/plain\r\n\r\none\r\n');
  });

  it('are not torn by a line that only begins like the boundary', () => {
    const raw = 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bc\n y--b\n--b--x\nz\n--b--\n';
    const [first, ...others] = decodeMail(Buffer.from(raw)).root.children;
    expect(others).toEqual([]);
    expect(first && contentBytes(first, 100).toString()).toBe('x\n--bc\n y--b\n--b--x\nz');
  });

  it('end with the mail where the last boundary is missing', () => {
    expect(textOf('Content-Type: multipart/mixed; boundary=b\n\n--b\n\nretry\n')).toBe('retry\n');
  });

  it('take the boundary in pieces (RFC 2231)', () => {
    expect(textOf('Content-Type: multipart/mixed; boundary*0="a"; boundary*1=b\n\n--ab\n\nretry\n--ab--\n')).toBe(
      'retry',
    );
  });

  it('are read 20 levels deep and no deeper, 5,000 or not', () => {
    const nested = Array.from(
      { length: 5000 },
      (_, i) => `Content-Type: multipart/mixed; boundary="n${i}e"\n\n--n${i}e\n`,
    );
    const mail = decodeMail(Buffer.from(`${nested.join('')}\nretry\n`));
    expect(count(mail.root)).toBe(21);
    expect(mail.truncated).toBe(true);
  });

  it('are 200 at most', () => {
    const mail = decodeMail(Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(5000)}`));
    expect(count(mail.root)).toBeLessThanOrEqual(200);
    expect(mail.truncated).toBe(true);
  });

  it('come out of any bytes without an error', () => {
    const words = [
      '--b',
      '\n',
      '\r\n',
      ': ',
      'Content-Type',
      'multipart/mixed',
      '; boundary=b',
      'text/html',
      '<',
      '=',
      'base64',
      '>',
      '\0',
      'ü',
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 500 }),
          fc.array(fc.constantFrom(...words)).map((list) => Buffer.from(list.join(''))),
        ),
        (bytes) => {
          const mail = decodeMail(bytes);
          expect(count(mail.root)).toBeLessThanOrEqual(200);
          expect(answerText(contentsOf(mail.root)).length).toBeLessThanOrEqual(2 * bytes.length + 10);
        },
      ),
      { numRuns: 500 },
    );
  });
});
