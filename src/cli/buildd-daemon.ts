// Starting the daemon: in the foreground, or detached from the terminal; replacing it by a newer program.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { builderFor } from '../builder/select.ts';
import { loadBuilddConf } from '../config/load.ts';
import { createControl, type Control } from '../daemon/control.ts';
import { runLoop } from '../daemon/loop.ts';
import { daemonPid, takePidFile } from '../daemon/pid-file.ts';
import { listenToSignals, watchHome } from '../daemon/signals.ts';
import type { DaemonWorld } from '../daemon/world.ts';
import { ensureHomeDirectories, pathsOf } from '../home/paths.ts';
import { systemClock } from '../platform/clock.ts';
import { UnavailableError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { fileLogger, standardErrorLogger, tee, type Logger } from '../platform/logger.ts';
import { senderWarning } from './buildd-check-config.ts';
import { openPorts, type Ports } from './ports.ts';

/** The daemon's world out of a command's ports. */
export function daemonWorld(ports: Ports): DaemonWorld {
  return {
    ...ports,
    readConf: () => loadBuilddConf(ports.paths.root),
    builder: (conf) => builderFor(conf),
    programStamp,
  };
}

// The bundle and its chunks: a package upgrade replaces them.
const programStamp = (): string => {
  const program = process.argv[1] ?? '';
  const directory = dirname(program);
  const stamp = (path: string): string => {
    try {
      const { mtimeMs, ino, size } = statSync(path);
      return `${mtimeMs} ${ino} ${size}`;
    } catch {
      // Being replaced right now: look again later.
      return 'unchanged';
    }
  };
  const stamps = [program, ...chunkNames(directory)].map(stamp);
  if (stamps.includes('unchanged')) return lastStamp;
  lastStamp = stamps.join('\n');
  return lastStamp;
};
let lastStamp = '';

const chunkNames = (directory: string): string[] => {
  try {
    return readdirSync(join(directory, 'chunks')).map((name) => join(directory, 'chunks', name));
  } catch {
    return [];
  }
};

/** Runs the loop with the pid file held, until the control stops it. */
export async function runWithPidFile(ports: Ports, control: Control): Promise<'stopped' | 'replaced'> {
  const world = daemonWorld(ports);
  const pidFile = ports.conf().pidfile ?? ports.paths.pid;
  const lock = takePidFile(pidFile);
  try {
    for (const line of [...ports.conf().notices, ...senderWarning(ports.conf().auth.accept)]) ports.log.log(line);
    const stopWatching = watchHome(ports.paths, control);
    ports.log.log(`started, pid ${process.pid}`);
    try {
      return await runLoop(world, control);
    } finally {
      stopWatching();
    }
  } finally {
    lock.release();
  }
}

/** Runs the daemon in this process. @returns the exit code */
export async function runDaemonHere(home: string, options: { readonly isReplacement: boolean }): Promise<number> {
  const conf = loadBuilddConf(home);
  const paths = pathsOf(home);
  ensureHomeDirectories(paths);
  const control = createControl((seconds, signal) => systemClock.sleep(seconds, signal));
  const file = fileLogger(conf.daemon_log_file ?? paths.daemonLog, 'buildd', systemClock);
  const log: Logger = process.stderr.isTTY ? tee(file, standardErrorLogger('buildd')) : file;
  const undo = listenToSignals(control, log);
  if (options.isReplacement) await untilPredecessorEnds(conf.pidfile ?? paths.pid);
  const ports = await openPorts(home, log);
  let end: 'stopped' | 'replaced';
  try {
    end = await runWithPidFile(ports, control);
    log.log(end === 'stopped' ? 'stopped' : 'starting the new program');
  } finally {
    await ports.close();
    undo();
  }
  if (end === 'replaced') startReplacement(home);
  return exitCode.ok;
}

const untilPredecessorEnds = async (pidFile: string): Promise<void> => {
  for (let tries = 0; tries < 100 && daemonPid(pidFile) !== null; tries += 1) await delay(100);
};

// Node 20 has no execve(2): the successor is a new process that waits until our pid file is gone.
const startReplacement = (home: string): void => {
  const program = process.argv[1] ?? '';
  spawn(process.execPath, [program, '--home', home, '--no-detach', '--replace'], {
    detached: true,
    stdio: 'inherit',
  }).unref();
};

const longestStartSeconds = 30;

/** Starts the daemon in the background and waits until it is there. @throws UnavailableError saying why it is not */
export async function detach(home: string): Promise<number> {
  const conf = loadBuilddConf(home);
  if (conf.no_detach) return runDaemonHere(home, { isReplacement: false });
  const paths = pathsOf(home);
  ensureHomeDirectories(paths);
  const pidFile = conf.pidfile ?? paths.pid;
  takePidFile(pidFile).release();
  const errors = join(paths.build, '.start-errors');
  const fd = openSync(errors, 'w', 0o640);
  const child = spawn(process.execPath, [process.argv[1] ?? '', '--home', home, '--no-detach'], {
    detached: true,
    stdio: ['ignore', fd, fd],
  });
  closeSync(fd);
  let ended: number | null = null;
  child.once('exit', (code) => void (ended = code ?? exitCode.software));
  for (let tries = 0; tries < longestStartSeconds * 20; tries += 1) {
    if (daemonPid(pidFile) === child.pid) {
      child.unref();
      return exitCode.ok;
    }
    if (ended !== null) {
      process.stderr.write(readFileSync(errors, 'utf8'));
      return ended;
    }
    await delay(50);
  }
  throw new UnavailableError(
    `the daemon did not come up within ${longestStartSeconds} s; see ${conf.daemon_log_file ?? paths.daemonLog}`,
  );
}
