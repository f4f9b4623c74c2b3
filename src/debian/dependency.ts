// Dependency lists as Dep-Wait has them: `pkg (>= v), pkg2 (>> v), pkg3`. No alternatives, no `<<`, nothing else
// (policy §7.1 knows more; a package can only wait for something to appear or to become newer).
import { isPackageName } from './names.ts';
import { isVersion } from './version.ts';

export interface Dependency {
  readonly package: string;
  readonly relation: '>=' | '>>' | '=' | null;
  readonly version: string | null;
}

/** Reads a Dep-Wait list; null if it is none. `>` is read as `>>`. Blank space may be anything, new lines too. */
export function parseDependencyList(text: string): Dependency[] | null {
  if (text.length > 20_000) return null;
  const parts = text.trim().split(',');
  const dependencies: Dependency[] = [];
  for (const part of parts) {
    const dependency = parseDependency(part.trim());
    if (dependency === null) return null;
    dependencies.push(dependency);
  }
  return dependencies;
}

const parseDependency = (text: string): Dependency | null => {
  const match = /^([^\s()]+)(?:\s*\(\s*(>=|>>|>|=)\s*([^\s()]+)\s*\))?$/.exec(text);
  if (!match) return null;
  const [, name = '', relation, version] = match;
  if (!isPackageName(name)) return null;
  if (relation === undefined || version === undefined) return { package: name, relation: null, version: null };
  if (!isVersion(version)) return null;
  return { package: name, relation: relation === '>' ? '>>' : (relation as '>=' | '>>' | '='), version };
};

/** The list as it is stored and shown. */
export function formatDependencyList(dependencies: readonly Dependency[]): string {
  return dependencies
    .map((d) => (d.relation === null ? d.package : `${d.package} (${d.relation} ${d.version ?? ''})`))
    .join(', ');
}
