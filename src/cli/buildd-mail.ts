// buildd-mail without a mail on standard input (bin/buildd-mail stores those itself): work the queue off, explain,
// listen. Arguments in, one use case called.
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { homeOf, pathsOf } from '../home/paths.ts';
import { forgetStarts } from '../home/received-mails.ts';
import { listSpool, putBack } from '../mail/incoming/spool/spool.ts';
import { isLoopback, parseListenAddress } from '../mail/incoming/spool/listen-address.ts';
import { listen } from '../mail/incoming/spool/listener.ts';
import { systemClock } from '../platform/clock.ts';
import { ConfigurationError, DataError, messageOf, TemporaryError, UsageError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { fileLogger, type Logger } from '../platform/logger.ts';
import { explainMain } from './buildd-mail-explain.ts';
import { openDaemonLog } from './daemon-log.ts';
import { mailQueueOf } from './mail-queue.ts';
import { openPorts, type Ports } from './ports.ts';

const usage = `Usage: buildd-mail [--home DIR]                       take a mail on standard input (from ~/.forward)
       buildd-mail --run-queue [--home DIR]          process the mails that are queued
       buildd-mail --listen ADDRESS:PORT|unix:PATH   receive mail by SMTP, or by LMTP on a socket
       buildd-mail --explain [--now TIME] [FILE]...  say what mails mean, change nothing
       buildd-mail --retry FILE                      process a mail of mqueue/failed again

  --home DIR           the buildd's home (default: $BUILDD_HOME, else the user's home)
  --run-queue          one processor works at a time; where one does already, this one ends at once
  --listen WHERE       loopback where only a port is given; in the foreground until TERM or INT
  --explain            one JSON object a line for each mail (none named: one on standard input)
  --now TIME           with --explain: as if it were this time, RFC 3339
  -h, --help           this text

Exit status: 0 done, 64 bad usage, 65 no such mail, 69 store or address not available, 75 the mail could not be
stored, or the queue could not be worked off now, 78 configuration is wrong.
`;

/** The buildd-mail command, except for storing. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  // It has its own arguments and needs no home.
  if (args.includes('--explain')) return explainMain(args);
  const values = parse(args);
  if (values.help === true) {
    process.stdout.write(usage);
    return exitCode.ok;
  }
  const home = homeOf(values.home);
  const wanted = [values['run-queue'] === true, values.listen !== undefined, values.retry !== undefined].filter(
    Boolean,
  ).length;
  if (wanted > 1) throw new UsageError('one of --run-queue, --listen and --retry at a time; see buildd-mail --help');
  if (values.listen !== undefined) return listenMain(home, values.listen);
  if (values.retry !== undefined) return retryMain(home, values.retry);
  if (values['run-queue'] === true) return runQueueMain(home);
  throw new UsageError('nothing to do; see buildd-mail --help');
}

const runQueueMain = async (home: string): Promise<number> =>
  withPorts(home, async (ports) => {
    const { end } = await mailQueueOf(ports).run();
    if (end === 'postponed') {
      throw new TemporaryError(
        `${listSpool(ports.paths).length} mail(s) wait in ${ports.paths.mqueue}: ${ports.paths.daemonLog} says why`,
      );
    }
    return exitCode.ok;
  });

const retryMain = async (home: string, file: string): Promise<number> => {
  const name = basename(file);
  return withPorts(home, async (ports) => {
    // The count first: a mail back in the queue with three starts would be set aside again.
    forgetStarts(ports.db, name);
    if (!putBack(ports.paths, name))
      throw new DataError(`--retry ${file}: there is no such mail in ${ports.paths.mqueueFailed}`);
    await mailQueueOf(ports).run();
    return exitCode.ok;
  });
};

/** How often postponed mails are tried again while it listens. */
const retrySeconds = 60;

const listenMain = async (home: string, where: string): Promise<number> => {
  const address = parseListenAddress(where);
  return withPorts(home, async (ports) => {
    const queue = mailQueueOf(ports);
    const run = (): void =>
      void queue.run().catch((error: unknown) => ports.log.log(`mail queue: ${messageOf(error)}`));
    const listener = await listen(address, {
      paths: ports.paths,
      limit: () => ports.conf().mail.max_mail_size,
      clock: ports.clock,
      log: ports.log,
      stored: run,
    });
    const started = `listening on ${listener.address}`;
    ports.log.log(isLoopback(address) ? started : `${started}: reachable from other hosts`);
    process.stdout.write(`buildd-mail: ${started}\n`);
    run();
    const again = setInterval(run, retrySeconds * 1000);
    await untilTold();
    clearInterval(again);
    await listener.close();
    // What was stored meanwhile is processed before the end; what is left waits for the next run.
    await queue.run();
    return exitCode.ok;
  });
};

const untilTold = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });

// In the background nobody reads standard error: what ends the command stands in the log, too.
const withPorts = async (home: string, fn: (ports: Ports) => Promise<number>): Promise<number> => {
  const log = logOf(home);
  try {
    const ports = await openPorts(home, log);
    try {
      return await fn(ports);
    } finally {
      await ports.close();
    }
  } catch (error) {
    log.log(messageOf(error));
    throw error;
  }
};

const logOf = (home: string): Logger => {
  try {
    return openDaemonLog(home, 'buildd-mail');
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
  }
  // A configuration that is wrong has to be said somewhere, too.
  const { daemonLog } = pathsOf(home);
  try {
    return fileLogger(daemonLog, 'buildd-mail', systemClock);
  } catch (error) {
    throw new TemporaryError(`${daemonLog}: cannot be written: ${messageOf(error)}`);
  }
};

const parse = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        home: { type: 'string' },
        'run-queue': { type: 'boolean' },
        listen: { type: 'string' },
        retry: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error).split('. ')[0] ?? ''}; see buildd-mail --help`);
  }
};
