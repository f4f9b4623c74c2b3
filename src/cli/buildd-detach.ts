// Starts the daemon in the background: comes back when it is up, or with the reason why it is not.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadBuilddConf } from '../config/load.ts';
import { daemonPid, takePidFile } from '../daemon/pid-file.ts';
import { pathsOf } from '../home/paths.ts';
import { UnavailableError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { runDaemonHere } from './buildd-daemon.ts';
import { prepareHome } from './ports.ts';

const longestStartSeconds = 30;

/**
 * Starts the daemon, in the background unless `no_detach` is set. @returns the exit code, the daemon's own where it
 * ended at once, after its line on standard error.
 * @throws DataError where one runs already, UnavailableError where it does not come up.
 */
export async function detach(home: string): Promise<number> {
  const conf = loadBuilddConf(home);
  if (conf.no_detach) return runDaemonHere(home, { start: 'first' });
  const paths = pathsOf(home);
  prepareHome(paths);
  const pidFile = conf.pidfile ?? paths.pid;
  takePidFile(pidFile).release();
  const said = join(paths.build, `.start-${process.pid}`);
  const fd = openSync(said, 'wx', 0o640);
  try {
    const child = spawn(process.execPath, [process.argv[1] ?? '', '--home', home, '--no-detach'], {
      cwd: home,
      detached: true,
      stdio: ['ignore', fd, fd],
    });
    for (let tries = 0; tries < longestStartSeconds * 20; tries += 1) {
      if (child.pid !== undefined && daemonPid(pidFile) === child.pid) {
        child.unref();
        return exitCode.ok;
      }
      if (child.exitCode !== null || child.signalCode !== null) {
        process.stderr.write(readFileSync(said, 'utf8'));
        return child.exitCode ?? exitCode.software;
      }
      await delay(50);
    }
  } finally {
    closeSync(fd);
    rmSync(said, { force: true });
  }
  throw new UnavailableError(
    `the daemon did not come up within ${longestStartSeconds} s; see ${conf.daemon_log_file ?? paths.daemonLog}`,
  );
}
