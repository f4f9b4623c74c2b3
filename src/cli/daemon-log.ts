// The log that all commands of a home share, opened for a command that runs beside the daemon.
import { loadBuilddConf } from '../config/load.ts';
import { pathsOf } from '../home/paths.ts';
import { systemClock } from '../platform/clock.ts';
import { messageOf, TemporaryError } from '../platform/errors.ts';
import { fileLogger, type Logger } from '../platform/logger.ts';

/**
 * Opens the daemon's log for a command.
 * @throws ConfigurationError when the configuration is wrong, TemporaryError when the log cannot be written.
 */
export function openDaemonLog(home: string, command: string): Logger {
  const path = loadBuilddConf(home).daemon_log_file ?? pathsOf(home).daemonLog;
  try {
    return fileLogger(path, command, systemClock);
  } catch (error) {
    throw new TemporaryError(`${path}: cannot be written: ${messageOf(error)}`);
  }
}
