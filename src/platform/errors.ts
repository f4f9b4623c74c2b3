// The tree of errors that a user can meet. Each carries the exit code of its class (sysexits.h) and a message
// that is one line: what, where, what to do. Anything else that is thrown is a defect of ours.
import { exitCode } from './exit-codes.ts';

/** Base of all errors whose message is meant for the user. Never thrown itself. */
export abstract class MailbuilddError extends Error {
  abstract readonly exitCode: number;
}

/** The command line is wrong (EX_USAGE, 64). */
export class UsageError extends MailbuilddError {
  override readonly name = 'UsageError';
  readonly exitCode = exitCode.usage;
}

/** Input is not what it must be: a file, an index, a .changes, an unknown distribution (EX_DATAERR, 65). */
export class DataError extends MailbuilddError {
  override readonly name = 'DataError';
  readonly exitCode = exitCode.data;
}

/** Something needed is not there: the store, a program (EX_UNAVAILABLE, 69). */
export class UnavailableError extends MailbuilddError {
  override readonly name = 'UnavailableError';
  readonly exitCode = exitCode.unavailable;
}

/** Works again later: no space, a lock that is held, a mail server that is down (EX_TEMPFAIL, 75). */
export class TemporaryError extends MailbuilddError {
  override readonly name = 'TemporaryError';
  readonly exitCode = exitCode.temporary;
}

/** A configuration file is wrong; the message names file, key and what is expected (EX_CONFIG, 78). */
export class ConfigurationError extends MailbuilddError {
  override readonly name = 'ConfigurationError';
  readonly exitCode = exitCode.configuration;
}

/** The text of whatever was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

/** The system's error code (`ENOENT`, `ENOSPC` …) of what was thrown, or null. */
export function systemCodeOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}

/** Marks a place that the types prove unreachable. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
