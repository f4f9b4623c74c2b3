// Debian architectures: this host's, and which of them a wildcard means (policy §11.1, dpkg-architecture(1)).
// Names are taken apart the way dpkg's tables do (ABI, libc, kernel, processor); nothing here guesses from a triplet.
import { spawnSync } from 'node:child_process';
import { arch as processorOfNode } from 'node:os';
import { isArchitectureName } from './names.ts';

/** ABI, libc, kernel, processor, as in dpkg's tupletable. */
type Tuple = readonly [string, string, string, string];

const specialLinuxNames: Readonly<Record<string, readonly [string, string]>> = {
  arm64ilp32: ['ilp32', 'arm64'],
  armhf: ['eabihf', 'arm'],
  armel: ['eabi', 'arm'],
  mipsn32r6el: ['abin32', 'mips64r6el'],
  mipsn32r6: ['abin32', 'mips64r6'],
  mipsn32el: ['abin32', 'mips64el'],
  mipsn32: ['abin32', 'mips64'],
  mips64r6el: ['abi64', 'mips64r6el'],
  mips64r6: ['abi64', 'mips64r6'],
  mips64el: ['abi64', 'mips64el'],
  mips64: ['abi64', 'mips64'],
  powerpcspe: ['spe', 'powerpc'],
  x32: ['x32', 'amd64'],
};

const libcOfKernel: Readonly<Record<string, string>> = {
  kfreebsd: 'gnu',
  knetbsd: 'gnu',
  kopensolaris: 'gnu',
  hurd: 'gnu',
  dragonflybsd: 'bsd',
  freebsd: 'bsd',
  openbsd: 'bsd',
  netbsd: 'bsd',
  darwin: 'bsd',
  aix: 'sysv',
  solaris: 'sysv',
  uclinux: 'uclibc',
  mint: 'tos',
};

const armWithAbi: Readonly<Record<string, readonly [string, string]>> = {
  armhf: ['eabihf', 'arm'],
  armel: ['eabi', 'arm'],
};

const tupleOf = (architecture: string): Tuple | null => {
  // dpkg reads `linux-arm64` as arm64.
  const parts = architecture.replace(/^linux-/, '').split('-');
  const processor = parts.at(-1) ?? '';
  if (parts.length === 1) {
    const [abi, cpu] = specialLinuxNames[processor] ?? ['base', processor];
    return [abi, 'gnu', 'linux', cpu];
  }
  const [abi, cpu] = armWithAbi[processor] ?? ['base', processor];
  const [first = '', second = ''] = parts;
  if (parts.length === 2) {
    const libc = libcOfKernel[first];
    return libc === undefined ? null : [abi, libc, first, cpu];
  }
  return parts.length === 3 ? [abi, first, second, cpu] : null;
};

const wildcardTuple = (word: string): Tuple | null => {
  const parts = word.split('-');
  if (!parts.includes('any')) return tupleOf(word);
  if (parts.length > 4) return null;
  if (parts.length === 1) return ['any', 'any', 'any', 'any'];
  const [abi = 'any', libc = 'any', kernel = 'any', cpu = 'any'] = [
    ...Array<string>(4 - parts.length).fill('any'),
    ...parts,
  ];
  return [abi, libc, kernel, cpu];
};

/**
 * Whether a word of an Architecture field means this architecture, as dpkg decides it (policy §11.1): `any`,
 * `linux-any`, `any-arm64`, `musl-linux-any` …. `all` is an architecture of its own that only `all` matches.
 */
export function architectureMatches(word: string, architecture: string): boolean {
  if (word === architecture) return true;
  if (word === 'all' || architecture === 'all') return false;
  const wanted = wildcardTuple(word);
  const real = tupleOf(architecture);
  if (wanted === null || real === null) return false;
  return wanted.every((part, index) => part === 'any' || part === real[index]);
}

const byNode: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ia32: 'i386',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
};

/**
 * This host's architecture. Where Node's own name for the processor is ambiguous (arm, mips, ppc64), dpkg is asked;
 * without dpkg Node's name stands.
 */
export function hostArchitecture(): string {
  const processor = processorOfNode();
  const known = byNode[processor];
  if (known !== undefined) return known;
  const answer = spawnSync('dpkg', ['--print-architecture'], { encoding: 'utf8', timeout: 10_000 });
  const name = typeof answer.stdout === 'string' ? answer.stdout.trim() : '';
  return isArchitectureName(name) ? name : processor;
}
