import { describe, expect, it } from 'vitest';
import { undeclaredNames } from '../../src/builder/declared-names.ts';

const wrongIn = (names: readonly string[], binaries: readonly string[] | null = ['greet', 'libgreet1']): string[] =>
  undeclaredNames(
    {
      source: 'greet',
      sourceVersion: '1.0',
      version: '1.0',
      architectures: ['amd64'],
      distributions: ['sid'],
      files: names.map((name) => ({ name, size: 1, sha256: '0'.repeat(64) })),
    },
    binaries,
  );

describe('the files of a .changes', () => {
  it('are the packages of its .dsc in any version, their debug symbols, and what bears the name of the source', () => {
    expect(
      wrongIn([
        'greet_1.0_amd64.deb',
        'libgreet1_3.5_amd64.udeb',
        'greet-dbgsym_1.0_amd64.deb',
        'libgreet1-dbgsym_3.5_amd64.ddeb',
        'greet_1.0_amd64.buildinfo',
        'greet_1.0.tar.xz',
        'greet-images_1.0_amd64.tar.gz',
      ]),
    ).toEqual([]);
  });

  it.each([
    ['zlib_1.3_amd64.deb', 'is no package of greet: its .dsc does not name it'],
    ['greet-more_1.0_amd64.deb', 'is no package of greet: its .dsc does not name it'],
    ['libc6-dbgsym_2.41_amd64.deb', 'is no package of greet: its .dsc does not name it'],
    ['zlib_1.3_amd64.udeb', 'is no package of greet: its .dsc does not name it'],
    ['zlib_1.3_amd64.buildinfo', 'does not begin with greet'],
    ['greetings_1.0_amd64.tar.gz', 'does not begin with greet'],
    ['REDO', 'does not begin with greet'],
  ])('are not %s', (name, why) => {
    expect(wrongIn(['greet_1.0_amd64.deb', name])).toEqual([`${name} ${why}`]);
  });

  it('are not judged where no .dsc is known', () => {
    expect(wrongIn(['zlib_1.3_amd64.deb'], null)).toEqual([]);
  });
});
