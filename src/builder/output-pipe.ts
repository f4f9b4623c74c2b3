// A real pipe for a program's standard output and standard error together. Node's own would be two sockets: the
// lines of the two would lose their order, and `tee /dev/stderr` in a build cannot open a socket.
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { UnavailableError } from '../platform/errors.ts';
import { run } from '../platform/run.ts';

export interface OutputPipe {
  /** For the program's stdio. */
  readonly writeFd: number;
  /** To call once the program has it; from then on the end of its writers is the end of the pipe. */
  closeWriteEnd(): void;
  /** Streams what comes into a file, as fast as that takes it; what comes after the file failed is dropped. */
  pourInto(file: Writable, onOutput: () => void): void;
  /** Resolves when the last writer is gone, or when nothing came for that long. */
  drain(quietMilliseconds: number): Promise<void>;
}

/** @throws UnavailableError where no named pipe can be made. */
export async function openOutputPipe(): Promise<OutputPipe> {
  const directory = mkdtempSync(join(tmpdir(), 'mailbuildd-'));
  const path = join(directory, 'output');
  try {
    const made = await run('mkfifo', ['-m', '600', path], { timeoutSeconds: 30 });
    if (made.code !== 0)
      throw new UnavailableError(`cannot make a pipe in ${directory}: mkfifo failed; is ${tmpdir()} full?`);
    // The reading end first and without blocking: opening a FIFO waits for the other side otherwise (fifo(7)).
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return pipeOf(readFd, openSync(path, constants.O_WRONLY));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const pipeOf = (readFd: number, writeFd: number): OutputPipe => {
  let filled = false;
  const reader = new Socket({ fd: readFd, readable: true, writable: false });
  const ended = new Promise<void>((resolve) => {
    reader.once('close', () => resolve());
  });
  reader.on('error', () => undefined);
  return {
    writeFd,
    closeWriteEnd: () => closeSync(writeFd),
    pourInto: (file, onOutput) => {
      reader.on('data', (chunk: Buffer) => {
        onOutput();
        if (file.writableEnded || file.destroyed || file.write(chunk) || filled) return;
        filled = true;
        reader.pause();
        file.once('drain', () => {
          filled = false;
          reader.resume();
        });
      });
      // A file that failed never drains: go on reading, so that the program is not blocked for ever.
      file.once('error', () => {
        filled = false;
        reader.resume();
      });
    },
    drain: async (quietMilliseconds) => {
      const quiet: NodeJS.Timeout = setTimeout(() => {
        // Paused by a slow disk is not quiet.
        if (filled) quiet.refresh();
        else reader.destroy();
      }, quietMilliseconds);
      reader.on('data', () => quiet.refresh());
      await ended;
      clearTimeout(quiet);
    },
  };
};
