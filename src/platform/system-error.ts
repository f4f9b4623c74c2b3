// What the system said no to, in words for whoever has to mend it: which file, what is wrong, what to do.
import { MailbuilddError, systemCodeOf, TemporaryError } from './errors.ts';

const noSpace = 'no space left on device; make some, then it goes on';
const words: Readonly<Record<string, string>> = {
  ENOSPC: noSpace,
  SQLITE_FULL: noSpace,
  EDQUOT: 'the disk quota is used up; make some room, then it goes on',
  EROFS: 'the file system is read-only; see why, and mount it for writing',
};

/**
 * An error of a full or read-only disk as one that names its place: the file where the system named one, else the
 * directory that was worked in. Anything else comes back as it is.
 */
export function withPlace(thrown: unknown, directory: string): unknown {
  const said = words[systemCodeOf(thrown) ?? ''];
  if (said === undefined || thrown instanceof MailbuilddError) return thrown;
  return new TemporaryError(`${pathOf(thrown) ?? directory}: ${said}`);
}

/** Names the file in a system's error that does not: read(2) and write(2) know only a number. */
export function nameFile(thrown: unknown, path: string): unknown {
  if (!(thrown instanceof Error) || systemCodeOf(thrown) === null || pathOf(thrown) !== null) return thrown;
  return Object.assign(thrown, { path, message: `${thrown.message} '${path}'` });
}

const pathOf = (thrown: unknown): string | null =>
  thrown instanceof Error && 'path' in thrown && typeof thrown.path === 'string' ? thrown.path : null;
