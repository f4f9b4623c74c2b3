// The daemon in this process, in the foreground: its world is opened here, its pid file held, its end said.
import { builderFor } from '../builder/select.ts';
import { loadBuilddConf } from '../config/load.ts';
import { createControl, type Control } from '../daemon/control.ts';
import { runLoop } from '../daemon/loop.ts';
import { takePidFile } from '../daemon/pid-file.ts';
import type { End } from '../daemon/run-state.ts';
import { listenToSignals, watchHome } from '../daemon/signals.ts';
import type { DaemonWorld } from '../daemon/world.ts';
import { pathsOf } from '../home/paths.ts';
import { systemClock } from '../platform/clock.ts';
import { errorLine } from '../platform/command-line.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { standardErrorLogger, tee, type Logger } from '../platform/logger.ts';
import { configurationWarnings } from './configuration-warnings.ts';
import { handOver, programStamp, untilPredecessorEnds, watchProgram } from './buildd-replace.ts';
import { openDaemonLog } from './daemon-log.ts';
import { openPorts, prepareHome, type Ports } from './ports.ts';

export interface DaemonOptions {
  /** Whether it takes over from a process whose program was replaced. */
  readonly start: 'first' | 'replacement';
}

/** Runs the daemon until it is stopped. @returns the exit code */
export async function runDaemonHere(home: string, options: DaemonOptions): Promise<number> {
  const log = process.stderr.isTTY
    ? (file: Logger) => tee(file, standardErrorLogger('buildd'))
    : (file: Logger) => file;
  return withDaemonPorts(home, options, log, (ports, control) => runDaemon(ports, control));
}

/**
 * Opens a home for a daemon, holds its pid file while the body runs, and starts the new program where the old one was
 * replaced. What ends it stands in the log too: nobody reads the standard error of a daemon.
 * @throws DataError naming the pid where a daemon runs already, and what openPorts throws.
 */
export async function withDaemonPorts(
  home: string,
  options: DaemonOptions,
  logOf: (file: Logger) => Logger,
  body: (ports: Ports, control: Control) => Promise<End>,
): Promise<number> {
  const conf = loadBuilddConf(home);
  prepareHome(pathsOf(home));
  const file = openDaemonLog(home, 'buildd');
  const log = logOf(file);
  const control = createControl((seconds, signal) => systemClock.sleep(seconds, signal));
  listenToSignals(control, log);
  let end: End;
  try {
    const pidFile = conf.pidfile ?? pathsOf(home).pid;
    if (options.start === 'replacement') await untilPredecessorEnds(pidFile);
    const ports = await openPorts(home, log);
    try {
      // Last: who sees the pid file knows that we are up.
      const lock = takePidFile(pidFile);
      try {
        end = await body(ports, control);
      } finally {
        lock.release();
      }
    } finally {
      await ports.close();
    }
    log.log(end === 'stopped' ? 'stopped' : 'making room for the new program');
  } catch (error) {
    file.log(`ended: ${errorLine('buildd', error)}`);
    throw error;
  }
  return end === 'replaced' ? handOver() : exitCode.ok;
}

/** Runs the loop in a home whose pid file is held. */
export async function runDaemon(ports: Ports, control: Control): Promise<End> {
  for (const line of [...ports.conf().notices, ...(await configurationWarnings(ports.conf(), ports.paths))])
    ports.log.log(line);
  const stopWatching = [watchHome(ports.paths, control, ports.log), watchProgram(control)];
  ports.log.log(`started, pid ${process.pid}`);
  try {
    return await runLoop(daemonWorld(ports), control);
  } finally {
    for (const stop of stopWatching) stop();
  }
}

const daemonWorld = (ports: Ports): DaemonWorld => ({
  ...ports,
  readConf: () => loadBuilddConf(ports.paths.root),
  builder: (conf) => builderFor(conf),
  programStamp,
});
