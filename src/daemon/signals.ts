// Signals and files that tell the running daemon something. Handlers are installed before the pid file is written:
// a SIGUSR1 without one would open Node's inspector port.
import { watch, type FSWatcher } from 'node:fs';
import type { HomePaths } from '../home/paths.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Control } from './control.ts';

/**
 * TERM, INT stop; HUP reopens the log; USR1 reads the configuration again; USR2 ends a long pause. Until the process
 * ends: without them a late signal would end it half way through its farewell.
 */
export function listenToSignals(control: Control, log: Logger): void {
  const reopen = (): void => {
    try {
      log.reopen();
    } catch (error) {
      log.log(`the log cannot be opened again: ${messageOf(error)}`);
    }
  };
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGTERM', () => control.stop()],
    ['SIGINT', () => control.stop()],
    ['SIGHUP', reopen],
    ['SIGUSR1', () => control.requestReload()],
    ['SIGUSR2', () => control.endPause()],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
}

const wakingInBuild = new Set(['wake', 'REDO']);
const wakingInHome = new Set(['EXIT-DAEMON-PLEASE', 'buildd.conf']);

/**
 * Wakes the loop when build/wake is touched, REDO is written, EXIT-DAEMON-PLEASE appears, buildd.conf changes. Where
 * watching does not work (inotify(7) has limits), the loop finds all of it after its idle time. Returns undo.
 */
export function watchHome(paths: HomePaths, control: Control, log: Pick<Logger, 'log'>): () => void {
  const watchers: FSWatcher[] = [];
  const failed = (path: string, error: unknown): void =>
    log.log(`${path} cannot be watched, changes are found after idle_sleep_time: ${messageOf(error)}`);
  const begin = (path: string, waking: ReadonlySet<string>): void => {
    try {
      const watcher = watch(path, (_event, name) => {
        if (name !== null && waking.has(name)) control.wake();
      });
      watcher.on('error', (error) => failed(path, error));
      watchers.push(watcher);
    } catch (error) {
      failed(path, error);
    }
  };
  begin(paths.build, wakingInBuild);
  begin(paths.root, wakingInHome);
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}
