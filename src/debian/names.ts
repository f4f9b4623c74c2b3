// Which names are names: packages, architectures, distributions, files. All of them come from outside and end up
// in paths and command lines, so what is not exactly one is refused.
import { isVersion } from './version.ts';

/** A source or binary package name (policy §5.6.1), at most 200 characters. */
export function isPackageName(text: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]{1,199}$/.test(text);
}

/** An architecture name as dpkg has them: `amd64`, `kfreebsd-amd64`, `all`. */
export function isArchitectureName(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,49}$/.test(text);
}

/** A distribution name: `sid`, `bookworm-backports`, `stable/updates`; no `..`, no leading or trailing slash. */
export function isDistributionName(text: string): boolean {
  return text.length <= 100 && /^[A-Za-z0-9][A-Za-z0-9.+_-]*(?:\/[A-Za-z0-9][A-Za-z0-9.+_-]*)*$/.test(text);
}

/** One path component of the characters that Debian's files have; never hidden, never `..`. */
export function isFileName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9+.,:_~@=%-]{0,254}$/.test(text);
}

export interface NameVersion {
  readonly name: string;
  readonly version: string;
}

/**
 * Reads `NAME_VERSION` as users write it: it may be a path, and end in `.dsc`, `.diff.gz`, `.tar.gz` …, `.deb` or
 * `_ARCH.changes`. Null when name or version is none.
 */
export function parseNameVersion(text: string): NameVersion | null {
  const file = text.slice(text.lastIndexOf('/') + 1);
  const bare = file
    .replace(/\.(?:dsc|diff\.gz|tar\.(?:gz|bz2|xz|zst))$/, '')
    .replace(/\.(?:debian|orig)$/, '')
    .replace(/_[a-z0-9-]+\.(?:changes|deb|udeb|buildinfo)$/, '');
  const underscore = bare.indexOf('_');
  if (underscore < 0) return null;
  const name = bare.slice(0, underscore);
  const version = bare.slice(underscore + 1);
  return isPackageName(name) && isVersion(version) ? { name, version } : null;
}
