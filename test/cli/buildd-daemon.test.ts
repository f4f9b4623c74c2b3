// The daemon in its own process hears signals until that process ends: a second TERM must not cut its farewell short.
import { expect, it } from 'vitest';
import { runDaemonHere } from '../../src/cli/buildd-daemon.ts';
import { daemonHome } from '../support/daemon-home.ts';
import { until } from '../support/until.ts';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

it('a daemon that was stopped still has something to hear every signal', async () => {
  const home = daemonHome();
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)] as const));
  const ended = runDaemonHere(home.root, { start: 'first' });
  await until('the daemon being up', 20, () => (home.read('daemon.log').includes('started, pid') ? true : null));
  process.emit('SIGTERM', 'SIGTERM');
  expect(await ended).toBe(0);
  for (const signal of signals) {
    const added = process.listeners(signal).filter((listener) => !before.get(signal)?.includes(listener));
    expect([signal, added.length]).toEqual([signal, 1]);
    for (const listener of added) process.off(signal, listener);
  }
  expect(home.read('daemon.log').match(/ stopped$/gm)).toHaveLength(1);
});
