// The Packages-arch-specific file: rules on which architectures a package is built, one a line. A rule without `!`
// allows only what it lists, one with `!` forbids what it lists; `%name` is about a source package.
import { DataError } from '../platform/errors.ts';
import { architectureMatches } from './architecture.ts';
import { isArchitectureName, isPackageName } from './names.ts';

export interface ArchitectureRule {
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
}

/** Rules by name; source packages' under `%name`. */
export type ArchitectureRules = ReadonlyMap<string, ArchitectureRule>;

/**
 * Reads the file's text. Comments start with `#`.
 * @throws DataError naming what and the line.
 */
export function parsePackagesArchSpecific(text: string, what: string): ArchitectureRules {
  const rules = new Map<string, ArchitectureRule>();
  text.split('\n').forEach((raw, index) => {
    const comment = raw.indexOf('#');
    const line = (comment < 0 ? raw : raw.slice(0, comment)).trim();
    if (line === '') return;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim();
    const words = line
      .slice(colon + 1)
      .split(/\s+/)
      .filter((word) => word !== '');
    const sane = words.every((word) => isArchitectureName(word.replace(/^!/, '')));
    if (colon < 1 || !isPackageName(name.replace(/^%/, '')) || !sane) {
      throw new DataError(`${what}: line ${index + 1}: expected NAME: ARCHITECTURE…, not ${line.slice(0, 60)}`);
    }
    rules.set(name, {
      allowed: words.filter((word) => !word.startsWith('!')),
      forbidden: words.filter((word) => word.startsWith('!')).map((word) => word.slice(1)),
    });
  });
  return rules;
}

/** Whether the rules keep a package (`%name` for a source) from an architecture. */
export function excludes(rules: ArchitectureRules, name: string, architecture: string): boolean {
  const rule = rules.get(name);
  if (rule === undefined) return false;
  if (rule.forbidden.some((word) => architectureMatches(word, architecture))) return true;
  return rule.allowed.length > 0 && !rule.allowed.some((word) => architectureMatches(word, architecture));
}
