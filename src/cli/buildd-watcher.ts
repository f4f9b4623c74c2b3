// buildd-watcher: keeps a home in order, from cron or by hand. Arguments in, one use case called.
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { homeOf, type HomePaths } from '../home/paths.ts';
import { listSpool } from '../mail/incoming/spool/spool.ts';
import { systemClock } from '../platform/clock.ts';
import { messageOf, UnavailableError, UsageError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { withPlace } from '../platform/system-error.ts';
import { run } from '../platform/run.ts';
import { runWatcher } from '../watcher/watch.ts';
import { openDaemonLog } from './daemon-log.ts';
import { openPorts } from './ports.ts';

const usage = `Usage: buildd-watcher [--home DIR]

Starts the daemon where it does not run (unless NO-DAEMON-PLEASE is there), processes mail that lies in mqueue,
rotates the daemon's log, removes what build/PURGE names, archives old logs, and warns of old files.

  --home DIR   the buildd's home (default: $BUILDD_HOME, else the user's home)
  -h, --help   this text
  --version    which version this is

Exit status: 0 done, 1 a task failed (the others were done), 64 bad usage, 69 home.db cannot be opened, 75 no space
or not writable, 78 configuration is wrong.
`;

/** The buildd-watcher command. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const { home: option, help } = parse(args);
  if (help === true) {
    process.stdout.write(usage);
    return exitCode.ok;
  }
  const home = homeOf(option);
  try {
    return await work(home);
  } catch (error) {
    throw withPlace(error, home);
  }
}

const work = async (home: string): Promise<number> => {
  const ports = await openPorts(home, openDaemonLog(home, 'buildd-watcher'), systemClock, 'when-used');
  try {
    const summary = await runWatcher({
      ...ports,
      daemonCommand: [command('buildd'), '--home', home],
      runQueue: () => runQueue(ports.paths),
    });
    await ports.sendMail();
    if (summary.kind === 'busy') {
      process.stdout.write(`buildd-watcher: another watcher is at work (pid ${summary.pid}); nothing done\n`);
      return exitCode.ok;
    }
    for (const line of summary.done) process.stdout.write(`buildd-watcher: ${line}\n`);
    for (const line of summary.failed) process.stderr.write(`buildd-watcher: ${line}\n`);
    return summary.failed.length > 0 ? exitCode.failed : exitCode.ok;
  } finally {
    await ports.close();
  }
};

// The launchers lie beside the directory of this program.
const command = (name: string): string => join(dirname(realpathSync(process.argv[1] ?? '')), '..', 'bin', name);

const longestQueueRunSeconds = 3600;

// A program of its own: what a mail does to the processor never ends the watcher.
const runQueue = async (paths: HomePaths): Promise<number> => {
  const before = listSpool(paths).length;
  if (before === 0) return 0;
  const program = command('buildd-mail');
  const result = await run(program, ['--run-queue', '--home', paths.root], { timeoutSeconds: longestQueueRunSeconds });
  if (result.code !== 0) {
    const said = result.stderr.toString('utf8').trim();
    throw new UnavailableError(
      `${before} mails lie in mqueue and could not be processed: ${said === '' ? `buildd-mail ended with ${result.code ?? result.signal ?? result.notStarted ?? '?'}` : said}`,
    );
  }
  return Math.max(0, before - listSpool(paths).length);
};

const parse = (args: string[]): { readonly home?: string; readonly help?: boolean } => {
  try {
    return parseArgs({ args, options: { home: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error).split('. ')[0] ?? ''}; see buildd-watcher --help`);
  }
};
