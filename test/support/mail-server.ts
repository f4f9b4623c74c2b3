// A real postfix that delivers to a mailbox and through ~/.forward, in a mount namespace of its own: its
// configuration, queue and mailboxes are bind mounts that only processes started here see, so the machine's own mail
// system is left as it is. It listens on no port.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MailServer {
  /** Runs a program in the namespace, as root or as another user, and returns its output. */
  call(program: string, args: readonly string[], options?: CallOptions): string;
  /** Starts a program in the namespace. */
  start(program: string, args: readonly string[], options?: CallOptions): ChildProcess;
  /** Hands a mail to sendmail, as a mail program would. */
  send(from: string, to: string, raw: string): void;
  /** The mails in a mailbox that is an alias of the server, oldest first. */
  mailbox(name: string): string[];
  log(): string;
  stop(): void;
}

export interface CallOptions {
  readonly user?: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface MailServerSettings {
  /** Names of mailboxes: mail to NAME@localhost is kept in a file. */
  readonly mailboxes: readonly string[];
  /** Directories that are seen at another place inside: [what, where]. */
  readonly binds: readonly (readonly [string, string])[];
}

const mainCf = (spool: string): string => `\
compatibility_level = 3.6
myhostname = buildd.example.org
mydestination = localhost, buildd.example.org
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps = hash:/etc/postfix/aliases
alias_database =
recipient_delimiter = +
maillog_file = ${spool}/postfix.log
maillog_file_prefixes = ${spool}
default_transport = error:no-outside-mail
relay_transport = error:no-outside-mail
biff = no
`;

/** Starts the server. Needs root. */
export function startMailServer(directory: string, settings: MailServerSettings): MailServer {
  const inside = (name: string): string => join(directory, name);
  mkdirSync(inside('mail'), { recursive: true });
  chmodSync(inside('mail'), 0o1777);
  cpSync('/etc/postfix', inside('etc'), { recursive: true });
  for (const name of ['spool', 'lib']) mkdirSync(inside(name));
  execFileSync('chown', ['postfix:postfix', inside('lib')]);
  writeFileSync(inside('etc/main.cf'), mainCf('/var/spool/postfix'));
  const master = readFileSync(
    existsSync('/usr/share/postfix/master.cf.dist') ? '/usr/share/postfix/master.cf.dist' : '/etc/postfix/master.cf',
    'utf8',
  );
  // Not chrooted, and no port: only what local delivery needs.
  writeFileSync(
    inside('etc/master.cf'),
    master
      .replace(/^smtp\s+inet .*$/m, '')
      .replace(/^(\w+\s+(?:unix|unix-dgram|fifo|pass)\s+\S+\s+\S+\s+)y(\s)/gm, '$1n$2'),
  );
  writeFileSync(
    inside('etc/aliases'),
    settings.mailboxes.map((name) => `${name}: ${inside('mail')}/${name}\n`).join(''),
  );
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', '--', 'sleep', '3600'], { stdio: 'ignore' });
  const enter = (program: string, args: readonly string[], options: CallOptions): [string, string[]] => {
    const as = options.user === undefined ? [] : ['runuser', '-u', options.user, '--'];
    return [
      'nsenter',
      [
        '--target',
        String(holder.pid),
        '--mount',
        ...(options.cwd === undefined ? [] : [`--wd=${options.cwd}`]),
        '--',
        ...as,
        program,
        ...args,
      ],
    ];
  };
  const environment = (options: CallOptions): NodeJS.ProcessEnv => ({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    ...options.env,
  });
  const call = (program: string, args: readonly string[], options: CallOptions = {}): string => {
    const [entered, enteredArgs] = enter(program, args, options);
    const result = spawnSync(entered, enteredArgs, {
      input: options.input ?? '',
      encoding: 'utf8',
      env: environment(options),
      maxBuffer: 1 << 28,
    });
    if (result.status !== 0)
      throw new Error(`${program} ${args.join(' ')}: exit ${result.status ?? '?'}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  };
  untilNamespaceIsThere(holder);
  for (const [what, where] of [
    [inside('etc'), '/etc/postfix'],
    [inside('spool'), '/var/spool/postfix'],
    [inside('lib'), '/var/lib/postfix'],
    ...settings.binds,
  ] as const) {
    call('mkdir', ['-p', where]);
    call('mount', ['--bind', what, where]);
  }
  call('postalias', ['/etc/postfix/aliases']);
  call('postfix', ['set-permissions', 'create-missing']);
  call('postfix', ['start']);
  return {
    call,
    start: (program, args, options = {}) => {
      const [entered, enteredArgs] = enter(program, args, options);
      return spawn(entered, enteredArgs, { stdio: ['ignore', 'pipe', 'pipe'], env: environment(options) });
    },
    send: (from, to, raw) => void call('sendmail', ['-i', '-f', from, to], { input: raw }),
    mailbox: (name) => {
      const path = inside(`mail/${name}`);
      return existsSync(path) ? mailsOf(readFileSync(path, 'utf8')) : [];
    },
    log: () => readFileSync(inside('spool/postfix.log'), 'utf8'),
    stop: () => {
      try {
        call('postfix', ['stop']);
      } finally {
        holder.kill();
      }
    },
  };
}

// The mounts of the holder are its own as soon as its mount namespace is another one than ours.
const untilNamespaceIsThere = (holder: ChildProcess): void => {
  const namespaceOf = (pid: string): string =>
    spawnSync('readlink', [`/proc/${pid}/ns/mnt`], { encoding: 'utf8' }).stdout;
  for (let tries = 0; tries < 200; tries += 1) {
    const theirs = namespaceOf(String(holder.pid));
    const command = readFileSync(`/proc/${holder.pid ?? 0}/comm`, 'utf8').trim();
    if (theirs !== '' && theirs !== namespaceOf('self') && command === 'sleep') return;
    spawnSync('sleep', ['0.02']);
  }
  throw new Error('no mount namespace could be made');
};

// An mbox file (mbox(5)): mails begin with a `From ` line after an empty one.
const mailsOf = (mbox: string): string[] =>
  mbox
    .split(/^From [^\n]*\n/m)
    .slice(1)
    .map((mail) => mail.replace(/^>From /gm, 'From ').replace(/\n$/, ''));
