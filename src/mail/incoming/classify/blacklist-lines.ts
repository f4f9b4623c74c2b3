// mail-blacklist: regular expressions, one a line; whoever matches one is not heard. Written by hand or by an admin's
// `blacklist ADDRESS`, which only ever adds that one address, escaped.
import { matches } from '../../../config/regular-expression.ts';

const compile = (line: string): RegExp[] => {
  try {
    return [new RegExp(line, 'iu')];
  } catch {
    try {
      // Perl escapes more than the u flag allows.
      return [new RegExp(line, 'i')];
    } catch {
      return [];
    }
  }
};

/** Reads the file's text; a line that is no regular expression matches nobody, `#` begins a comment. */
export function parseBlacklist(text: string): RegExp[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap(compile);
}

/** Whether an address is on the list. */
export function isBlacklisted(blacklist: readonly RegExp[], address: string): boolean {
  return blacklist.some((pattern) => matches(pattern, address));
}

/** The line that stands for exactly this address. */
export function blacklistLine(address: string): string {
  return `^${address.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}$`;
}
