import { describe, expect, it } from 'vitest';
import { findClearSigned } from '../../../../src/mail/incoming/signature/clearsigned.ts';

const signature = '-----BEGIN PGP SIGNATURE-----\n\niHUE\n-----END PGP SIGNATURE-----\n';
const block = (text: string, header = 'Hash: SHA256\n'): string =>
  `-----BEGIN PGP SIGNED MESSAGE-----\n${header}\n${text}\n${signature}`;
const find = (text: string) => findClearSigned(Buffer.from(text));
const only = (text: string) => {
  const found = find(text);
  if (found.kind !== 'blocks' || found.blocks.length !== 1) throw new Error(`not one block but ${found.kind}`);
  return found.blocks[0];
};

describe('clear signed text', () => {
  it('is cut out with what its signature is over', () => {
    expect(only(`Hi,\n${block('one  \n- -- \n- - two\t\n')}bye\n`)).toMatchObject({
      canonical: Buffer.from('one\r\n--\r\n- two\r\n'),
      armoredSignature: signature,
      hashes: ['SHA256'],
    });
  });

  it('is kept as it was sent, with LF, for others to verify', () => {
    expect(only(`x\n${block('a  \n- - b')}`.replaceAll('\n', '\r\n'))?.block.toString()).toBe(block('a  \n- - b'));
  });

  it('takes no header but Hash', () => {
    expect(only(block('x', 'Hash: SHA256, SHA512\nHash: SHA384\n'))?.hashes).toEqual(['SHA256', 'SHA512', 'SHA384']);
    for (const header of [
      'Distribution: experimental\n',
      'NotDashEscaped: yes\n',
      'Comment: x\n',
      'Hash: SHA256 x\n',
      'Hash:\n',
      'x\n',
    ]) {
      expect(find(block('x', header)).kind, header).toBe('malformed');
    }
  });

  it.each([
    ['a dash that is not escaped', block('--- x')],
    ['no signature', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n'],
    ['a signature without end', '-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n-----BEGIN PGP SIGNATURE-----\n\niHUE\n'],
    ['nothing but its first line', '-----BEGIN PGP SIGNED MESSAGE-----\n'],
    ['another one in it', block(block('x'))],
    ['a signature alone', signature],
    ['an encrypted message', '-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n'],
    ['a message in it', block('-----BEGIN PGP MESSAGE-----')],
  ])('cannot be read with %s', (_, text) => {
    expect(find(text).kind).toBe('malformed');
  });

  it('is not seen where it is quoted or only mentioned', () => {
    expect(find(block('x').replace(/^/gm, '> ')).kind).toBe('none');
    expect(find('see "-----BEGIN PGP SIGNED MESSAGE-----"\n').kind).toBe('none');
  });

  it('may be there several times; whoever asks decides', () => {
    const found = find(`${block('a')}x\n${block('b')}`);
    expect(found.kind === 'blocks' ? found.blocks.map((one) => one.canonical.toString()) : []).toEqual(['a', 'b']);
  });
});
