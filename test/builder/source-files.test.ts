import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDsc } from '../../src/builder/source-files.ts';
import { DataError } from '../../src/platform/errors.ts';

const sum = 'a'.repeat(64);
const dsc = `Format: 3.0 (native)\nSource: greet\nVersion: 1.0\nBinary: greet, libgreet1,\n libgreet-dev\nChecksums-Sha256:\n ${sum} 12 greet_1.0.tar.xz\n`;

describe('a .dsc', () => {
  it('says which files belong to a source', () => {
    expect(parseDsc(dsc, 'x.dsc')).toEqual({
      source: 'greet',
      version: '1.0',
      binaries: ['greet', 'libgreet1', 'libgreet-dev'],
      files: [{ name: 'greet_1.0.tar.xz', size: 12, sha256: sum }],
    });
  });

  it('is the same with a signature around it', () => {
    const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${dsc}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;
    expect(parseDsc(signed, 'x.dsc')).toEqual(parseDsc(dsc, 'x.dsc'));
  });

  it.each([
    [dsc.replace('greet\n', 'Greet;rm\n'), 'x.dsc: Source is not a package name'],
    [dsc.replace('1.0\n', 'one\n'), 'x.dsc: Version is not a version'],
    [dsc.replace(' greet_1.0.tar.xz', ' ../greet.tar.xz'), 'x.dsc: "../greet.tar.xz" is not a file name'],
    [dsc.replace(' 12 ', ' twelve '), 'x.dsc: Checksums-Sha256 has a line that is not checksum, size and name'],
    [dsc.replace('libgreet1', '../lib'), 'x.dsc: Binary is not a list of package names'],
    [dsc.split('Checksums')[0] ?? '', 'x.dsc: names no files with Checksums-Sha256'],
    [`-----BEGIN PGP SIGNED MESSAGE-----\n\n${dsc}`, 'x.dsc: the signature around it is not complete'],
  ])('is refused with one line that says why: case %#', (text, message) => {
    expect(() => parseDsc(text, 'x.dsc')).toThrow(new DataError(message));
  });

  it('is either read or refused in words, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.nat(dsc.length), (noise, at) => {
        try {
          parseDsc(dsc.slice(0, at) + noise + dsc.slice(at), 'x.dsc');
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
    );
  });
});
