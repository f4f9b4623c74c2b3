// Source descriptions, signed and not, and what is none.
import { describe, expect, it } from 'vitest';
import { parseDsc } from '../../src/debian/dsc.ts';

const dsc = `Format: 3.0 (quilt)
Source: foo
Binary: foo, libfoo1,
 libfoo-dev
Architecture: any all
Version: 1:1.0-1
Package-List:
 foo deb contrib/net optional arch=any
`;

describe('parseDsc', () => {
  it('reads what a store needs', () => {
    expect(parseDsc(dsc, 'foo.dsc')).toEqual({
      source: 'foo',
      version: '1:1.0-1',
      architectures: ['any', 'all'],
      binaries: ['foo', 'libfoo1', 'libfoo-dev'],
      section: 'contrib/net',
      priority: 'optional',
    });
  });

  it('reads the text inside a clear signature, and nothing around it', () => {
    const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${dsc}-----BEGIN PGP SIGNATURE-----\n\niHUE\n-----END PGP SIGNATURE-----\n`;
    expect(parseDsc(signed, 'foo.dsc').version).toBe('1:1.0-1');
  });

  it.each([
    ['', 'foo.dsc: 0 stanzas instead of one'],
    [dsc.replace('Source: foo', 'Source: ../foo'), 'foo.dsc: Source is not a package name'],
    [dsc.replace('1:1.0-1', '1/0'), 'foo.dsc: Version is not a version'],
    [dsc.replace('Architecture: any all\n', ''), 'foo.dsc: has no Architecture field; a .dsc is expected'],
    [dsc.replace('any all', 'any $(id)'), 'foo.dsc: Architecture is not a list of architectures'],
    [dsc.replace('libfoo1', 'lib/foo'), 'foo.dsc: Binary is not a list of package names'],
  ])('says in one line what is wrong (%#)', (text, message) => {
    expect(() => parseDsc(text, 'foo.dsc')).toThrow(message);
  });
});
