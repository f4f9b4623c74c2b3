// The daemon's log: one line an event, `2026-11-20T09:15:02Z buildd[123]: text`, appended, reopened on SIGHUP.
// Text from outside is made harmless here: no control characters, no second line.
import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs';
import { rfc3339, type Clock } from './clock.ts';

export interface Logger {
  log(text: string): void;
  /** Opens the file anew by its name, after a rotation. */
  reopen(): void;
}

/** Text on one line, without control characters, at most 1,000 characters. */
export function harmless(text: string): string {
  const flat = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return flat.length > 1000 ? `${flat.slice(0, 1000)}…` : flat;
}

/** A logger that appends to a file; each line is one write(2), so that several processes can share it. */
export function fileLogger(path: string, command: string, clock: Clock): Logger {
  let fd: number | null = openSync(path, 'a', 0o640);
  return {
    log: (text) => {
      const line = `${rfc3339(clock.now())} ${command}[${process.pid}]: ${harmless(text)}\n`;
      try {
        if (fd === null) appendFileSync(path, line, { mode: 0o640 });
        else writeSync(fd, line);
      } catch {
        // A full disk must not end the daemon because it cannot say so.
      }
    },
    reopen: () => {
      if (fd !== null) closeSync(fd);
      fd = null;
      fd = openSync(path, 'a', 0o640);
    },
  };
}

/** A logger that writes to standard error, for commands run by hand. */
export function standardErrorLogger(command: string): Logger {
  return {
    log: (text) => void process.stderr.write(`${command}: ${harmless(text)}\n`),
    reopen: () => undefined,
  };
}

/** Several loggers as one. */
export function tee(...loggers: readonly Logger[]): Logger {
  return {
    log: (text) => loggers.forEach((logger) => logger.log(text)),
    reopen: () => loggers.forEach((logger) => logger.reopen()),
  };
}
