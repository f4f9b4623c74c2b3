// Packages-arch-specific: what is allowed, what is forbidden, what is no rule.
import { describe, expect, it } from 'vitest';
import { excludes, parsePackagesArchSpecific } from '../../src/debian/packages-arch-specific.ts';

const rules = parsePackagesArchSpecific('# comment\n%grub: i386 amd64 # both\nfoo: !arm64\nbar: any-arm64\n\n', 'Pas');

describe('Packages-arch-specific', () => {
  it.each([
    ['%grub', 'amd64', false],
    ['%grub', 'arm64', true],
    ['grub', 'arm64', false],
    ['foo', 'arm64', true],
    ['foo', 'amd64', false],
    ['bar', 'arm64', false],
    ['bar', 'amd64', true],
  ])('%s on %s: excluded %s', (name, architecture, expected) => {
    expect(excludes(rules, name, architecture)).toBe(expected);
  });

  it('names the line that is no rule', () => {
    expect(() => parsePackagesArchSpecific('foo: any\nfoo\n', 'Pas')).toThrow(
      'Pas: line 2: expected NAME: ARCHITECTURE…, not foo',
    );
  });
});
