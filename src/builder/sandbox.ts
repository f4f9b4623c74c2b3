// The light isolation of the dpkg builder: bubblewrap's arguments. debian/rules is hostile: it sees the system read
// only, no home, no sockets, no network unless allowed, no other process. Pure but for looking which paths exist.
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';

interface SandboxRequest {
  /** The only place that can be written, apart from empty temporary directories. */
  readonly writable: string;
  readonly directory: string;
  /** The buildd's home, hidden but for the writable directory. */
  readonly home: string;
  readonly network: 'none' | 'host';
}

/** The environment of everything that runs in a build; nothing of the daemon's own gets in. */
export function buildEnvironment(): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    // It must not exist: a build that needs a home is broken (policy §4.9).
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    LOGNAME: 'buildd',
    USER: 'buildd',
    SHELL: '/bin/sh',
    TERM: 'dumb',
  };
}

// Places that can hold homes, keys, passwords or sockets of running services.
const hiddenDirectories = [
  '/home',
  '/root',
  '/run',
  '/tmp',
  '/var/tmp',
  '/srv',
  '/mnt',
  '/media',
  '/etc/buildd',
  '/etc/ssh',
  '/etc/ssl/private',
];
const hiddenFiles = ['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/sudoers'];

const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

/** `bwrap` and the arguments in front of the command that is to run inside. */
export function sandboxCommand(request: SandboxRequest): string[] {
  const writable = real(request.writable);
  const homes = [real(homedir()), real(request.home)].filter((path) => path !== '/');
  const directories = [...new Set([...hiddenDirectories.filter((path) => existsSync(path)), ...homes])];
  // A directory above another first, or its tmpfs would cover that of the one below.
  directories.sort((a, b) => a.length - b.length);
  return [
    'bwrap',
    ...['--unshare-all', '--die-with-parent', '--cap-drop', 'ALL', '--hostname', 'mailbuildd'],
    ...(request.network === 'host' ? ['--share-net'] : []),
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    ...directories.flatMap((path) => ['--tmpfs', path]),
    ...hiddenFiles.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', '/dev/null', path]),
    ...resolverOf(request.network),
    ...['--bind', writable, writable, '--chdir', real(request.directory), '--clearenv'],
    ...Object.entries(buildEnvironment()).flatMap(([name, value]) => ['--setenv', name, value]),
    '--',
  ];
}

// resolv.conf can be a link into /run, which is hidden.
const resolverOf = (network: 'none' | 'host'): string[] => {
  if (network === 'none' || !existsSync('/etc/resolv.conf')) return [];
  const target = realpathSync('/etc/resolv.conf');
  return target.startsWith('/run/') ? ['--ro-bind', target, target] : [];
};
