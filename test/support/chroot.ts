// What a real sbuild needs on a machine: a chroot with a clean clone for each build, and a user who may use it. Made
// once, the way an admin would; a test run leaves it there for the next.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostArchitecture } from './build-world.ts';

/** The distribution of the chroot: this machine's. */
export const chrootDistribution = (): string =>
  /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'bookworm';
/** The user that runs sbuild. */
export const chrootUser = 'builder';
/** The name of the chroot as schroot and sbuild know it. */
export const chrootName = (): string => `${chrootDistribution()}-${hostArchitecture()}-sbuild`;

const isInstalled = (program: string): boolean => spawnSync('which', [program]).status === 0;
const directory = (): string => `/srv/chroot/${chrootDistribution()}-${hostArchitecture()}`;
const isMade = (): boolean => spawnSync('schroot', ['--info', '--chroot', chrootName()]).status === 0;

/**
 * Why there can be no chroot here; null when ensureChroot() will work. With CI=true nothing is missing silently:
 * then it is always null and ensureChroot() throws.
 */
export function chrootProblem(): string | null {
  if (process.env['CI'] === 'true') return null;
  if (process.getuid?.() !== 0) return 'sbuild tests need root: they make a chroot and a user';
  const missing = ['sbuild', 'schroot', 'mmdebstrap'].filter((program) => !isInstalled(program));
  return missing.length === 0 ? null : `sbuild tests need packages: apt-get install ${missing.join(' ')}`;
}

/** The mirror of this machine's apt configuration. */
const mirror = (): string => {
  const lists = '/etc/apt/sources.list.d';
  const more = existsSync(lists) ? readdirSync(lists).map((name) => `${lists}/${name}`) : [];
  const files = ['/etc/apt/sources.list', ...more].filter((path) => existsSync(path));
  for (const path of files) {
    const text = readFileSync(path, 'utf8');
    const found =
      /^URIs: *(\S+\/debian\/?)$/m.exec(text)?.[1] ??
      /^deb +(?:\[[^\]]*\] +)?(\S+\/debian\/?) +\S+ +.*\bmain\b/m.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error('no mirror of Debian in /etc/apt: a chroot cannot be made');
};

/** Makes user, chroot tree and schroot configuration where they are missing. Needs root. */
export function ensureChroot(): void {
  if (spawnSync('id', [chrootUser]).status !== 0) execFileSync('useradd', ['-m', '-s', '/bin/bash', chrootUser]);
  execFileSync('sbuild-adduser', [chrootUser], { stdio: 'ignore' });
  if (!existsSync(`${directory()}/usr/bin/dpkg`)) {
    mkdirSync('/srv/chroot', { recursive: true });
    execFileSync('mmdebstrap', ['--variant=buildd', chrootDistribution(), directory(), mirror()], { stdio: 'inherit' });
  }
  if (isMade()) return;
  const groups = ['groups', 'root-groups', 'source-groups', 'source-root-groups'].map((key) => `${key}=root,sbuild\n`);
  writeFileSync(
    `/etc/schroot/chroot.d/${chrootName()}`,
    `[${chrootName()}]\ntype=directory\ndirectory=${directory()}\nunion-type=overlay\nprofile=sbuild\n${groups.join('')}`,
  );
}

/** Whether the chroot session of a build is still open; its log names it. */
export function isSessionOpen(log: string): boolean {
  const session = /\/mount\/(\S+)' with '<<CHROOT>>'/.exec(log)?.[1];
  if (session === undefined) throw new Error('the log names no chroot session');
  return spawnSync('schroot', ['--list', '--all-sessions'], { encoding: 'utf8' }).stdout.includes(session);
}
