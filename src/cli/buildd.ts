// buildd: the daemon, and what an admin asks of it. Arguments in, one use case called.
import { parseArgs } from 'node:util';
import { homeOf } from '../home/paths.ts';
import { UsageError, messageOf } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { checkConfig } from './buildd-check-config.ts';
import { runDaemonHere } from './buildd-daemon.ts';
import { detach } from './buildd-detach.ts';
import { up } from './buildd-up.ts';

const usage = `Usage: buildd [OPTION]… [COMMAND]

Without a command: start the build daemon (in the background, unless no_detach is set).
  check-config   check buildd.conf and wanna-build.toml, change nothing
  up             daemon, mail listener, uploader and watcher in one foreground process

  --home DIR           the buildd's home (default: $BUILDD_HOME, else the user's home)
  --no-detach          stay in the foreground
  --listen ADDR:PORT   with up: where mail is received (default 127.0.0.1:2525)
  -h, --help           this text
  --version            which version this is

Exit status: 0 done, 64 bad usage, 65 a daemon runs already, 69 store not reachable, 75 no space or not writable,
78 configuration is wrong.
`;

const known = new Set(['check-config', 'up']);

/** The buildd command. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(usage);
    return exitCode.ok;
  }
  const home = homeOf(values.home);
  const [command, ...rest] = positionals;
  if (command !== undefined && !known.has(command))
    throw new UsageError(`unknown command "${command}"; known are check-config and up; see buildd --help`);
  if (rest.length > 0) throw new UsageError(`unexpected argument "${rest[0] ?? ''}"; see buildd --help`);
  if (values.listen !== undefined && command !== 'up') throw new UsageError('--listen goes with the command up');
  const start = values.replace ? 'replacement' : 'first';
  switch (command) {
    case 'check-config':
      return checkConfig(home);
    case 'up':
      return up(home, values.listen ?? '127.0.0.1:2525', { start });
    default:
      return values['no-detach'] || values.replace ? runDaemonHere(home, { start }) : detach(home);
  }
}

const parse = (args: string[]) => {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        home: { type: 'string' },
        'no-detach': { type: 'boolean' },
        /** Not for users: this process takes over from one whose program was replaced. */
        replace: { type: 'boolean' },
        listen: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${messageOf(error).split('. ')[0] ?? ''}; see buildd --help`);
  }
};
