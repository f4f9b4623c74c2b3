// Signals and files that tell the running daemon something. Handlers are installed before the pid file is written:
// a SIGUSR1 without one would open Node's inspector port.
import { watch } from 'node:fs';
import type { HomePaths } from '../home/paths.ts';
import type { Logger } from '../platform/logger.ts';
import type { Control } from './control.ts';

/** TERM, INT stop; HUP reopens the log; USR1 reads the configuration again; USR2 ends a long pause. Returns undo. */
export function listenToSignals(control: Control, log: Logger): () => void {
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGTERM', () => control.stop()],
    ['SIGINT', () => control.stop()],
    ['SIGHUP', () => log.reopen()],
    ['SIGUSR1', () => control.requestReload()],
    ['SIGUSR2', () => control.endPause()],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

const wakingFiles = new Set(['wake', 'REDO']);

/** Wakes the loop when build/wake is touched, REDO is written, or EXIT-DAEMON-PLEASE appears. Returns undo. */
export function watchHome(paths: HomePaths, control: Control): () => void {
  const build = watch(paths.build, (_event, name) => {
    if (name !== null && wakingFiles.has(name)) control.wake();
  });
  const home = watch(paths.root, (_event, name) => {
    if (name === 'EXIT-DAEMON-PLEASE' || name === 'buildd.conf') control.wake();
  });
  return () => {
    build.close();
    home.close();
  };
}
