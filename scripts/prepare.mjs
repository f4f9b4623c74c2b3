// What the quickstart and the checks need before anything of ours can run: npm's packages, Debian packages, dist/.
// Plain JavaScript without imports from npm, because it runs on a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Ends the script with one line on standard error. */
export function give(up) {
  process.stderr.write(`${up}\n`);
  process.exit(1);
}

const runOrGiveUp = (program, args, options = {}) => {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (error || status !== 0) give(`${program} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}; see above`);
};

const isInstalled = (name) => {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f=${db:Status-Status}', name], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === 'installed';
};

/** How this user becomes root without being asked: [] is root already, null: not at all. */
const becomeRoot = () => {
  if (process.getuid() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null;
};

let listsAreFresh = false;

/**
 * Installs the Debian packages that are missing, where root or sudo works. Returns those that are still missing,
 * after printing the command that installs them.
 */
export function ensureDebianPackages(names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return [];
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  const prefix = becomeRoot();
  if (prefix === null) {
    process.stderr.write(`not installed: ${missing.join(' ')}. Run: sudo ${install.join(' ')}\n`);
    return missing;
  }
  const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive'];
  process.stderr.write(`installing ${missing.join(' ')} …\n`);
  if (!listsAreFresh) runOrGiveUp(program, [...args, 'apt-get', '-q=2', 'update']);
  listsAreFresh = true;
  runOrGiveUp(program, [...args, ...install]);
  return [];
}

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Runs `npm ci` where node_modules is missing or older than the lock file. */
export function ensureNodeModules() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    give(`Node.js 20.19 or later is needed, this is ${process.versions.node}`);
  if (timeOf(join(root, 'node_modules/.package-lock.json')) >= timeOf(join(root, 'package-lock.json'))) return;
  // better-sqlite3 is compiled where there is no ready binary for this machine.
  const missing = ['python3', 'make', 'g++'].filter(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status !== 0,
  );
  if (missing.length > 0) ensureDebianPackages(missing);
  process.stderr.write('installing npm packages …\n');
  runOrGiveUp('npm', ['ci', '--no-audit', '--no-fund']);
}

const newestBelow = (directory) =>
  Math.max(
    ...readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => timeOf(join(entry.parentPath ?? entry.path, entry.name))),
  );

/** Bundles the commands into dist/ where a source is newer. */
export function ensureBuilt() {
  const newest = Math.max(
    newestBelow(join(root, 'src')),
    newestBelow(join(root, 'scripts')),
    timeOf(join(root, 'package-lock.json')),
  );
  if (timeOf(join(root, 'dist/buildd.js')) >= newest) return;
  runOrGiveUp(process.execPath, [join(root, 'scripts/build.mjs')]);
}
