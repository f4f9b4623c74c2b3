import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerText, contentsOf } from '../../../../src/mail/incoming/decode/content.ts';
import { decodeMail } from '../../../../src/mail/incoming/decode/decode.ts';
import { contentOfSignedData } from '../../../../src/mail/incoming/decode/smime.ts';

// What stands in front of the content in every SignedData, without the outermost length: it is not looked at.
const idData = Buffer.from('06092a864886f70d010701', 'hex');
const head = Buffer.from('3080', 'hex');
const length = (bytes: Buffer): Buffer =>
  bytes.length < 128 ? Buffer.from([bytes.length]) : Buffer.from([0x82, bytes.length >> 8, bytes.length & 255]);
const element = (tag: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([tag]), length(bytes), bytes]);
const definite = (content: Buffer): Buffer =>
  Buffer.concat([head, idData, element(0xa0, element(0x04, content)), Buffer.from('3100', 'hex')]);
const inPieces = (...chunks: Buffer[]): Buffer =>
  Buffer.concat([
    head,
    idData,
    Buffer.from('a0802480', 'hex'),
    ...chunks.map((chunk) => element(0x04, chunk)),
    Buffer.from('000000000000', 'hex'),
  ]);
const mail = (wrapped: Buffer): Buffer =>
  Buffer.from(
    `Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Disposition: attachment; filename=smime.p7m\nContent-Transfer-Encoding: base64\n\n${wrapped.toString('base64')}\n`,
  );
const textOf = (raw: Buffer): string => answerText(contentsOf(decodeMail(raw).root));

describe('opaque S/MIME', () => {
  it.each([
    ['in one piece', definite(Buffer.from('Content-Type: text/plain\r\n\r\nretry'))],
    [
      'in one long piece',
      definite(Buffer.from(`Content-Type: text/plain\r\nX-Filler: ${'x'.repeat(300)}\r\n\r\nretry`)),
    ],
    ['in pieces', inPieces(Buffer.from('Content-Type: text/pl'), Buffer.from('ain\r\n\r\nretry'))],
  ])('holds the text of the mail %s', (_, wrapped) => {
    expect(textOf(mail(wrapped))).toBe('retry');
  });

  it('is opened once and no deeper', () => {
    expect(textOf(mail(definite(mail(definite(Buffer.from('\r\nretry'))))))).toBe('');
  });

  it('holds nothing where it is cut off, encrypted or none', () => {
    for (const bytes of [
      Buffer.alloc(0),
      idData,
      Buffer.concat([idData, Buffer.from('a0', 'hex')]),
      Buffer.concat([idData, Buffer.from('a085ffffffffff', 'hex')]),
      Buffer.from('no'),
    ]) {
      expect(contentOfSignedData(bytes)).toBeNull();
    }
  });

  it('never throws and never takes more than is there', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        const content = contentOfSignedData(Buffer.concat([idData, Buffer.from([0xa0]), tail]));
        expect(content === null || content.length <= tail.length).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
