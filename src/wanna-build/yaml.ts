// YAML as wanna-build prints it. A module of its own because the library is big: it is imported only by the commands
// that print YAML, when they do.
import { stringify } from 'yaml';

const style = { lineWidth: 0, version: '1.1', doubleQuotedAsJSON: true } as const;

/**
 * One YAML document; long lines stay whole. What YAML 1.1 takes for a number or a truth value (`no`, `2048_1.0`) is
 * quoted: many readers know only that.
 */
export function yamlDocument(value: unknown): string {
  return stringify(value, style);
}

/**
 * A list of maps of one key each, as one document. Debian's build daemons read it with YAML::Tiny, which knows a
 * quoted key (`"2048"`) only at the beginning of a line, not after the dash.
 */
export function yamlList(items: readonly (readonly [string, unknown])[]): string {
  return items.map(([key, value]) => `${listKey(key)}:\n${indented(itemDocument(value))}`).join('');
}

// Of a text in lines YAML::Tiny forgets those that begin with `#`, and it cannot read one whose first line is
// indented: such a text is written quoted, on one line.
const itemDocument = (value: unknown): string => {
  const isSimple = !/:"(?: |\\[tn])|\\n *#/.test(JSON.stringify(value));
  return isSimple ? yamlDocument(value) : stringify(value, { ...style, blockQuote: false });
};

const listKey = (key: string): string => {
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/.test(key) && yamlDocument(key).trimEnd() === key;
  // What JSON quotes is quoted for YAML too.
  return isPlain ? `- ${key}` : `-\n  ${JSON.stringify(key)}`;
};

const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ');
