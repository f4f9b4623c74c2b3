// Architecture wildcards against dpkg's own tables.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { architectureMatches, hostArchitecture } from '../../src/debian/architecture.ts';

const architectures = spawnSync('dpkg-architecture', ['-L'], { encoding: 'utf8' }).stdout.trim().split('\n');
const wildcards = [
  'any',
  'all',
  'linux-any',
  'kfreebsd-any',
  'hurd-any',
  'any-amd64',
  'any-arm64',
  'any-i386',
  'any-arm',
  'any-mips64el',
  'any-powerpc',
  'musl-linux-any',
  'musl-any-any',
  'gnu-any-any',
  'gnu-linux-any',
  'bsd-any-any',
  'any-linux-any',
  'eabihf-gnu-linux-arm',
  'base-any-any-any',
  'eabihf-any-any-any',
  'any-any-any-any',
  'x32-any-any-any',
  'arm64',
  'linux-arm64',
  'armhf',
  'musl-linux-arm64',
  'netbsd-any',
  'any-any',
  'nosuch-any',
];

// One Perl process asks dpkg's library for the whole matrix: a process for each pair would take minutes.
const program =
  'use Dpkg::Arch qw(debarch_is); while (<STDIN>) { chomp; my ($a, $w) = split / /; print debarch_is($a, $w) ? 1 : 0, "\\n" }';

describe('architectureMatches', () => {
  it('decides for every architecture and wildcard as dpkg does', () => {
    const pairs = architectures.flatMap((name) => wildcards.map((wildcard) => [name, wildcard] as const));
    const input = pairs.map(([name, wildcard]) => `${name} ${wildcard}\n`).join('');
    const answer = spawnSync('perl', ['-e', program], { input, encoding: 'utf8', maxBuffer: 1 << 24 });
    expect(answer.status, answer.stderr).toBe(0);
    const answers = answer.stdout.trim().split('\n');
    const wrong = pairs.filter(
      ([name, wildcard], index) => architectureMatches(wildcard, name) !== (answers[index] === '1'),
    );
    expect(pairs.length).toBeGreaterThan(5000);
    expect(wrong).toEqual([]);
  });

  it('keeps all to itself', () => {
    expect(architectureMatches('all', 'all')).toBe(true);
    expect(architectureMatches('any', 'all')).toBe(false);
    expect(architectureMatches('all', 'arm64')).toBe(false);
  });
});

describe('hostArchitecture', () => {
  it('is what dpkg says', () => {
    expect(hostArchitecture()).toBe(spawnSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).stdout.trim());
  });
});
