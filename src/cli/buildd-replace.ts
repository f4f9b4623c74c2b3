// A daemon whose program was replaced on disk, by an upgrade, makes room for the new one: same home, same pid file.
import { spawn } from 'node:child_process';
import { readdirSync, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Control } from '../daemon/control.ts';
import { daemonPid } from '../daemon/pid-file.ts';
import { exitCode } from '../platform/exit-codes.ts';

// An upgrade writes many files: what changed so lately may be only half there.
const settledMilliseconds = 2000;
let lastStamp = '';

/** Identity of the bundle and its chunks on disk; the last one while they are being written. */
export function programStamp(): string {
  const program = process.argv[1] ?? '';
  const stamps = [program, ...chunksOf(dirname(program))].map(stampOf);
  if (lastStamp === '' || !stamps.includes(null)) lastStamp = stamps.join('\n');
  return lastStamp;
}

const stampOf = (path: string): string | null => {
  try {
    const { mtimeMs, ctimeMs, ino, size } = statSync(path);
    return lastStamp !== '' && Date.now() - ctimeMs < settledMilliseconds ? null : `${path} ${mtimeMs} ${ino} ${size}`;
  } catch {
    return null;
  }
};

const chunksOf = (directory: string): string[] => {
  try {
    return readdirSync(join(directory, 'chunks')).map((name) => join(directory, 'chunks', name));
  } catch {
    return [];
  }
};

/** Wakes the loop when the program's file was changed and has settled. Returns undo. */
export function watchProgram(control: Control): () => void {
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => control.wake(), settledMilliseconds + 200);
  };
  try {
    const watcher = watch(dirname(process.argv[1] ?? ''), changed);
    // Not watched any more: it is noticed with the next look.
    watcher.on('error', () => watcher.close());
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    return () => undefined;
  }
}

/**
 * Starts the new program in our place. Node 20 has no execve(2): it is a new process, which takes the pid file that
 * we have let go of. Under systemd, which would end it together with us, systemd starts it.
 * @returns the exit code
 */
export function handOver(): number {
  if (process.env['SYSTEMD_EXEC_PID'] === String(process.pid)) return exitCode.temporary;
  const [program = '', ...args] = process.argv.slice(1);
  const again = [...args.filter((arg) => arg !== '--replace'), '--replace'];
  spawn(process.execPath, [program, ...again], { detached: true, stdio: 'inherit' }).unref();
  return exitCode.ok;
}

/** Waits for the process whose place is taken, at most ten seconds. */
export async function untilPredecessorEnds(pidFile: string): Promise<void> {
  for (let tries = 0; tries < 100 && daemonPid(pidFile) !== null; tries += 1) await delay(100);
}
