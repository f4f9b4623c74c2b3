// The one place that turns what a command throws into one line on standard error and an exit code.
import { MailbuilddError, messageOf, systemCodeOf } from './errors.ts';
import { exitCode } from './exit-codes.ts';

const temporaryCodes = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'EROFS', 'EIO']);

/** The exit code for what was thrown: the error's own, 75 for a full disk and the like, else 70. */
export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof MailbuilddError) return thrown.exitCode;
  const code = systemCodeOf(thrown);
  if (code !== null && temporaryCodes.has(code)) return exitCode.temporary;
  return code === null ? exitCode.software : exitCode.unavailable;
}

/** The line a user reads for what was thrown; never a stack trace. */
export function errorLine(command: string, thrown: unknown): string {
  // A message may quote what came from outside; a terminal must not obey it.
  const text = messageOf(thrown).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  if (exitCodeOf(thrown) !== exitCode.software) return `${command}: ${text}`;
  return `${command}: internal error: ${text}. This is a defect of mailbuildd; please report it.`;
}

/**
 * Runs a command and sets the process's exit code; writes one line to standard error when it throws.
 * With MAILBUILDD_DEBUG set, the stack follows, for developers.
 */
export async function runCommand(name: string, main: (args: string[]) => Promise<number>): Promise<void> {
  process.stdout.on('error', (error: Error) => {
    // The reader went away (`| head`): nothing is left to say.
    process.exit(systemCodeOf(error) === 'EPIPE' ? exitCode.ok : exitCode.temporary);
  });
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (thrown) {
    process.stderr.write(`${errorLine(name, thrown)}\n`);
    if (process.env['MAILBUILDD_DEBUG'] && thrown instanceof Error) process.stderr.write(`${thrown.stack ?? ''}\n`);
    process.exitCode = exitCodeOf(thrown);
  }
}
