// What to wait for when build dependencies could not be had: the list of a dep-wait answer, out of what
// dpkg-checkbuilddeps and apt say about it. Pure; must never make an answer that would be refused.
import { formatDependencyList, parseDependencyList, type Dependency } from '../../debian/dependency.ts';

const unmet = 'dpkg-checkbuilddeps: error: Unmet build dependencies: ';
const ofDummy = /^ sbuild-build-depends-[a-z-]{1,40}-dummy : Depends: /;
const oneMore = /^ {10,60}Depends: /;
const mostDependencies = 50;

/** The answer `dep-wait LIST`; null where nothing that can be waited for is named. */
export function depWaitAnswer(lines: readonly string[]): string | null {
  const texts = [
    ...lines.filter((line) => line.startsWith(unmet)).map((line) => line.slice(unmet.length)),
    ...aptDependencies(lines),
  ];
  const byName = new Map<string, Dependency>();
  for (const dependency of texts.flatMap(dependenciesIn)) {
    if (byName.size < mostDependencies && !byName.has(dependency.package)) byName.set(dependency.package, dependency);
  }
  const list = formatDependencyList([...byName.values()]);
  return list !== '' && parseDependencyList(list) !== null ? `dep-wait ${list}` : null;
}

// apt goes on with what the same package needs on lines that are indented far; other packages' needs are not ours.
const aptDependencies = (lines: readonly string[]): string[] => {
  const found: string[] = [];
  let ours = false;
  for (const line of lines) {
    const match: RegExpExecArray | null = ofDummy.exec(line) ?? (ours ? oneMore.exec(line) : null);
    ours = match !== null;
    // `NAME (>= V) but 1.0 is to be installed`: only the dependency, not what apt says about it.
    if (match) found.push(line.slice(match[0].length).replace(/ (?:but |which ).*$/, ''));
  }
  return found;
};

// Of alternatives the first is what a build daemon would install.
const dependenciesIn = (text: string): Dependency[] => {
  const found: Dependency[] = [];
  const word = /([a-z0-9][a-z0-9+.-]{1,199})(?::[a-z0-9-]{1,50})?(?: ?\((<<|<=|=|>=|>>) ?([^\s()]{1,200})\))?( \| )?/y;
  let alternative = false;
  while (word.lastIndex < text.length) {
    const match: RegExpExecArray | null = word.exec(text);
    if (match === null) break;
    const dependency = waitable(match[1] ?? '', match[2], match[3]);
    if (!alternative && dependency !== null) found.push(dependency);
    alternative = match[4] !== undefined;
    if (!alternative) word.lastIndex += /^,? */.exec(text.slice(word.lastIndex, word.lastIndex + 10))?.[0].length ?? 0;
  }
  return found;
};

const waitable = (name: string, relation: string | undefined, version: string | undefined): Dependency | null => {
  // A virtual package of debhelper's: its number is debhelper's version.
  if (name === 'debhelper-compat' && version !== undefined)
    return { package: 'debhelper', relation: '>=', version: `${version}~` };
  if (relation === undefined || version === undefined) return { package: name, relation: null, version: null };
  if (relation === '>=' || relation === '>>' || relation === '=') return { package: name, relation, version };
  // It is too new: waiting does not help.
  return null;
};
