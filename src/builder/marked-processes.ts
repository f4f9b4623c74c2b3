// Ends what forked away from a build's process group: everything that a build starts inherits a mark in its
// environment, and /proc shows it (proc(5)). Must never touch a process without the mark.
import { readdirSync, readFileSync } from 'node:fs';

/** The environment variable that carries the mark. */
export const markVariable = 'MAILBUILDD_BUILD_MARK';

// A process can fork between the look and the kill: look again, but not for ever.
const rounds = 10;

/** Sends KILL to every process that has the mark in its environment, until none is left. */
export function killMarked(mark: string): void {
  const wanted = `${markVariable}=${mark}`;
  for (let round = 0; round < rounds; round += 1) {
    const marked = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && carries(name, wanted));
    if (marked.length === 0) return;
    marked.forEach(kill);
  }
}

const kill = (pid: string): void => {
  try {
    process.kill(Number(pid), 'SIGKILL');
  } catch {
    // Gone already, or somebody else's (a setuid program).
  }
};

const carries = (pid: string, wanted: string): boolean => {
  if (Number(pid) === process.pid) return false;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(wanted);
  } catch {
    return false;
  }
};
