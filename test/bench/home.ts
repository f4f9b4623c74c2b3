// A home to measure on: configured, with a store that was filled by a merge, as a real one is. On a disk where there
// is one, because on a tmpfs nothing is ever synced.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { timed, type Call } from './measure.ts';

export interface Home {
  readonly path: string;
  /** A call of one of the commands in bin/, on this home. */
  command(name: string, ...args: string[]): Call;
  /** Returns when no process works on this home and mqueue holds no mail. */
  quiet(): Promise<void>;
  remove(): void;
}

const distribution = 'sid';
const architecture = 'amd64';

/** The arguments that name the distribution and architecture of the store. */
export const suite: readonly string[] = ['--dist', distribution, '--arch', architecture];

const buildConf = `admin_mail = "admin@example.org"

[builder]
use = "dpkg"

[mail]
transport = "dir:mails"
address = "buildd@example.org"

[[distributions]]
dist_name = "${distribution}"
built_architecture = "${architecture}"
`;

const wannaBuildConf = `[[distributions]]
name = "${distribution}"
architectures = ["${architecture}"]
auto_dep_wait = false
`;

const places = { disk: '/var/tmp', memory: tmpdir() } as const;

/** Makes a home below /var/tmp, or $TMPDIR where that is set. @param root the checkout */
export function makeHome(root: string): Home {
  const path = mkdtempSync(
    join(process.env['TMPDIR'] === undefined ? places.disk : places.memory, 'mailbuildd-bench-'),
  );
  writeFileSync(join(path, 'buildd.conf'), buildConf);
  writeFileSync(join(path, 'wanna-build.toml'), wannaBuildConf);
  writeFileSync(join(path, 'NO-DAEMON-PLEASE'), '');
  mkdirSync(join(path, 'mqueue'));
  const env = { ...process.env, HOME: path, BUILDD_HOME: path };
  return {
    path,
    command: (name, ...args) => ({ program: join(root, 'bin', name), args, env }),
    quiet: () => quiet(path),
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The name of the package with this number. */
export const packageName = (number: number): string => `bench-${String(number).padStart(5, '0')}`;

/** Merges an archive with this many source packages, of which nothing is built yet. */
export async function fillStore(home: Home, packages: number): Promise<void> {
  const sources = Array.from({ length: packages }, (_, number) => {
    const name = packageName(number);
    return `Package: ${name}\nBinary: ${name}, lib${name}\nVersion: 1.${number}-1\nArchitecture: any\nSection: libs\nPriority: optional\nFormat: 3.0 (quilt)\nDirectory: pool/main/b/${name}\n`;
  });
  writeFileSync(join(home.path, 'Sources'), sources.join('\n'));
  writeFileSync(join(home.path, 'Packages'), '');
  const files = ['--merge-v3', join(home.path, 'Packages'), '.', join(home.path, 'Sources')];
  await timed(home.command('wanna-build', ...suite, ...files));
}

const longestQuietSeconds = 60;

const quiet = async (path: string): Promise<void> => {
  for (let tries = 0; tries < longestQuietSeconds * 50; tries += 1) {
    if (!isWorking(path)) return;
    await delay(20);
  }
  throw new Error(`${path}: something still works on it after ${longestQuietSeconds} s`);
};

const isWorking = (path: string): boolean =>
  readdirSync(join(path, 'mqueue')).some((name) => /^\d/.test(name)) ||
  readdirSync('/proc').some((name) => /^\d+$/.test(name) && commandLine(name).includes(path));

const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

const fileSystems: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x794c7630: 'overlayfs',
  0x01021994: 'tmpfs',
};

/** The kind of file system that a path lies on (statfs(2)). */
export function fileSystemOf(path: string): string {
  const { type } = statfsSync(path);
  return fileSystems[type] ?? `0x${type.toString(16)}`;
}
