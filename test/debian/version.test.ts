// Our order of versions against dpkg's own.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryVersion, compareVersions, isVersion, splitBinNmu, withoutEpoch } from '../../src/debian/version.ts';

const dpkg = (a: string, b: string): number => {
  const is = (relation: string): boolean => spawnSync('dpkg', ['--compare-versions', a, relation, b]).status === 0;
  return is('lt') ? -1 : is('gt') ? 1 : 0;
};

const part = fc.array(fc.constantFrom('0', '1', '00', '10', '9', 'a', 'b', 'Z', '~', '+', '.', '~~', '1.00', 'rc'), {
  maxLength: 4,
});
const version = fc
  .tuple(fc.constantFrom('', '', '0:', '1:', '01:'), part, fc.option(part))
  .map(
    ([epoch, upstream, revision]) =>
      `${epoch}1${upstream.join('')}${revision === null ? '' : `-${revision.join('')}1`}`,
  );

describe('compareVersions', () => {
  it('orders generated versions as dpkg does', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        fc.pre(isVersion(a) && isVersion(b));
        expect(Math.sign(compareVersions(a, b)), `${a} ${b}`).toBe(dpkg(a, b));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['1.0-1', '1.0-1+b1'],
    ['1.0~rc1-1', '1.0-1'],
    ['1.00', '1.0'],
    ['2:1', '10'],
    ['1.0-1', '1.0-1~bpo12+1'],
    ['0~old', '0~2015'],
    ['1.0', '1.0-0'],
    ['1.0+dfsg-1', '1.0-1'],
    ['1.9', '1.10'],
    ['1-1-1', '1-1'],
    ['12345678901234567890', '12345678901234567891'],
  ])('orders %s and %s as dpkg does', (a, b) => {
    expect(Math.sign(compareVersions(a, b))).toBe(dpkg(a, b));
    expect(Math.sign(compareVersions(b, a))).toBe(dpkg(b, a));
  });
});

describe('a version', () => {
  it.each(['', ' 1', '1 ', 'a1', '1_2', '1:', ':1', '-1', '1/2', '1..2/../x', '1\n2', `1${'0'.repeat(200)}`])(
    'is not %j',
    (text) => {
      expect(isVersion(text)).toBe(false);
    },
  );

  it('has its binNMU number taken off and put on', () => {
    expect(splitBinNmu('1:1.0-1+b12')).toEqual({ source: '1:1.0-1', number: 12 });
    expect(splitBinNmu('1.0-1+b0')).toEqual({ source: '1.0-1+b0', number: 0 });
    expect(binaryVersion('1.0-1', 3)).toBe('1.0-1+b3');
    expect(binaryVersion('1.0-1', 0)).toBe('1.0-1');
    expect(withoutEpoch('1:1.0-1')).toBe('1.0-1');
  });
});
