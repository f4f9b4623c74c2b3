// Is the daemon alive? Its pid file names a process with its start time and boot, so a stranger with the same
// number never counts. A dead one is started again, unless the admin said no.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readTextIfThere } from '../platform/atomic-file.ts';
import { messageOf, UnavailableError } from '../platform/errors.ts';
import { isAlive, parseIdentity, type ProcessIdentity } from '../platform/process-identity.ts';
import type { WatcherWorld } from './world.ts';

/** The daemon of this home; null when none runs. */
export function runningDaemon(world: Pick<WatcherWorld, 'paths' | 'conf'>): ProcessIdentity | null {
  const identity = parseIdentity(readTextIfThere(world.conf().pidfile ?? world.paths.pid) ?? '');
  return identity !== null && isAlive(identity) ? identity : null;
}

const longestStartSeconds = 45;

/**
 * Starts the daemon where it does not run and may, and waits until it does.
 * @throws UnavailableError when it cannot be started or ends at once.
 */
export async function keepDaemonAlive(world: WatcherWorld): Promise<string[]> {
  const [program, ...args] = world.daemonCommand ?? [];
  if (program === undefined || existsSync(world.paths.noDaemonPlease) || runningDaemon(world) !== null) return [];
  const failures: string[] = [];
  const child = spawn(program, args, { cwd: world.paths.root, detached: true, stdio: 'ignore' });
  child.once('error', (error) => failures.push(messageOf(error)));
  child.once('exit', (code, signal) => {
    const how = code === null ? `signal ${signal ?? '?'}` : `exit code ${code}`;
    if (code !== 0) failures.push(`it ended with ${how}; see daemon.log, try buildd check-config`);
  });
  for (let tries = 0; tries < longestStartSeconds * 20; tries += 1) {
    await delay(50);
    const daemon = runningDaemon(world);
    if (daemon !== null) {
      child.unref();
      return [`the daemon did not run; started it (pid ${daemon.pid})`];
    }
    if (failures.length > 0) break;
  }
  child.unref();
  throw new UnavailableError(
    `the daemon does not run and cannot be started: ${failures[0] ?? `no pid file after ${longestStartSeconds} s`}`,
  );
}
