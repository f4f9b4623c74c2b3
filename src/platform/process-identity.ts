// Which process a pid means: pids are reused, so one is named by boot id, pid and start time together (proc(5)).
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which it started: field 22 of /proc/PID/stat. */
  readonly startTicks: string;
  /** /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
}

const startTicksOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name, field 2, may hold blanks and parentheses: count from the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return fields[19] ?? null;
  } catch {
    return null;
  }
};

const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return 'unknown';
  }
};

/** The identity of a running process; null when there is none with this pid. */
export function identityOf(pid: number): ProcessIdentity | null {
  const startTicks = startTicksOf(pid);
  return startTicks === null ? null : { pid, startTicks, bootId: bootId() };
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid) ?? { pid: process.pid, startTicks: '0', bootId: bootId() };
}

/** Whether exactly this process still runs (not another one with its pid, not one of an earlier boot). */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identityOf(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** One line: `PID STARTTICKS BOOTID`; the first word is what old scripts read from a pid file. */
export function formatIdentity(identity: ProcessIdentity): string {
  return `${identity.pid} ${identity.startTicks} ${identity.bootId}`;
}

/** Reads what formatIdentity wrote; null for anything else. */
export function parseIdentity(line: string): ProcessIdentity | null {
  const match = /^(\d{1,10}) (\d{1,20}) (\S{1,64})\s*$/.exec(line);
  if (!match) return null;
  const [, pid = '', startTicks = '', boot = ''] = match;
  return { pid: Number(pid), startTicks, bootId: boot };
}
