// The command in the text of an answer. Only the first line that is neither blank nor a configured banner decides;
// prose that begins like a keyword is refused, and nothing below somebody else's words is ever read.
import { matches } from '../../../config/regular-expression.ts';
import { formatDependencyList, parseDependencyList } from '../../../debian/dependency.ts';
import { isVersion } from '../../../debian/version.ts';
import { keywordOf, type Keyword } from './keywords.ts';
import { endsAnswer, isQuoted, isSignatureSeparator, ownLines } from './quotation.ts';
import type { Action } from '../understood.ts';

export type Command =
  | {
      readonly kind: 'command';
      readonly action: Action;
      readonly argument: string | null;
      readonly priority: number | null;
    }
  /** The reason completes "not understood: …". */
  | { readonly kind: 'not-understood'; readonly reason: string };

export interface Asked {
  readonly keywords: readonly Keyword[];
  /** The package that `newvers NAME_VERSION` must name; null where none is known. */
  readonly package: string | null;
  readonly banners: readonly RegExp[];
}

const refusal = (reason: string): Command => ({ kind: 'not-understood', reason });
const command = (action: Action, argument: string | null = null, priority: number | null = null): Command => ({
  kind: 'command',
  action,
  argument,
  priority,
});

const clean = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, '');
const isBlank = (line: string): boolean => line.replace(/[\u200b-\u200f\u2060\ufeff]/g, '').trim() === '';
const show = (line: string): string => `"${line.trim().slice(0, 60)}"`;

interface Answer {
  readonly line: string;
  /** Behind the keyword. */
  readonly rest: string;
  /** Below the first line. */
  readonly below: readonly string[];
}

// Typographic hyphens come from phones, blank space of all kinds from HTML.
const normal = (line: string): string =>
  line
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, '')
    .replace(/[\u2010-\u2013]/g, '-')
    .replace(/\s+/gu, ' ')
    .trim();

const dependencies = ({ rest, below }: Answer): Command => {
  const lines = [rest, ...below];
  const start = lines.findIndex((line) => !isBlank(line));
  if (start < 0 || (start > 0 && endsAnswer(lines, start)))
    return refusal('dep-wait needs the packages to wait for: dep-wait NAME (>= VERSION), NAME');
  let list = '';
  for (let i = start; i < lines.length && i < start + 200 && !isBlank(lines[i] ?? ''); i += 1) {
    if (i > start && endsAnswer(lines, i)) break;
    list = `${list} ${normal(lines[i] ?? '')}`.trim();
    if (!/[,(]\s*$|\([^)]*$/.test(list.slice(-300))) break;
  }
  const parsed = parseDependencyList(list);
  if (parsed !== null) return command('dep-wait', formatDependencyList(parsed));
  return refusal(`${show(list)} is not a list of packages like "libfoo-dev (>= 1.2), libbar-dev"`);
};

const version = ({ rest }: Answer, name: string | null): Command => {
  const underscore = rest.indexOf('_');
  const found = rest.slice(underscore + 1);
  if (rest === '') return refusal('newvers needs the version to take: newvers VERSION');
  if (!isVersion(found)) return refusal(`${show(rest)} is not a version`);
  if (underscore >= 0 && rest.slice(0, underscore) !== name) return refusal(`${show(rest)} is another package`);
  return command('newvers', found);
};

const reason = ({ line, rest, below }: Answer, takes: 'reason' | 'optional-reason'): Command => {
  const first = rest === '' ? [] : [rest];
  const text = ownLines([...first, ...below].map((one) => clean(one).trimEnd())).join('\n');
  if (text !== '') return command('fail', text);
  if (takes === 'optional-reason') return command('fail');
  return refusal(`${show(line)} needs a reason: on the same line or below it`);
};

const priority = ({ line, rest }: Answer): Command => {
  if (rest === '') return command('give-back');
  return /^[+-]?\d{1,6}$/.test(rest) ? command('give-back', null, Number(rest)) : prose(line);
};

const prose = (line: string): Command =>
  refusal(`${show(line)} is more than a keyword; put the keyword alone on the first line`);

const withArguments = (keyword: Keyword, answer: Answer, asked: Asked): Command => {
  switch (keyword.takes) {
    case 'none':
      return answer.rest === '' ? command(keyword.action) : prose(answer.line);
    case 'reason':
    case 'optional-reason':
      return reason(answer, keyword.takes);
    case 'dependencies':
      return dependencies(answer);
    case 'priority':
      return priority(answer);
    case 'version':
      return version(answer, asked.package);
  }
};

const emptyReason = (lines: readonly string[], at: number): string => {
  if (at < 0) return 'the mail has no text; put a keyword on its first line';
  if (isQuoted(lines[at] ?? '')) return 'the mail begins with quoted text; put the keyword above it';
  if (isSignatureSeparator(lines[at] ?? '')) return 'there is nothing above the signature; put a keyword there';
  return 'there is nothing above the original mail; put a keyword there';
};

/** Reads the command out of an answer's text (LF at line ends). */
export function readCommand(text: string, asked: Asked): Command {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => !isBlank(line) && !asked.banners.some((banner) => matches(banner, line.trim())));
  if (at < 0 || endsAnswer(lines, at)) return refusal(emptyReason(lines, at));
  const original = lines[at] ?? '';
  const line = normal(original.slice(0, 5000)) + (original.length > 5000 ? clean(original.slice(5000)) : '');
  const [whole = '', word = ''] = /^(\?|[A-Za-z][A-Za-z-]{0,30})(?:[.,!:]{1,3}(?= |$)|:|(?= |$)) ?/.exec(line) ?? [];
  const keyword = keywordOf(asked.keywords, word.toLowerCase());
  if (keyword === null) return refusal(`${show(line)} is not a keyword that is known here; answer "help" for the list`);
  return withArguments(keyword, { line, rest: line.slice(whole.length), below: lines.slice(at + 1) }, asked);
}

/** `(see #NNN)` alone: may be added to what failed already. */
export function isBugReferenceAlone(reason: string): boolean {
  return /^\s*\(see #\d{1,10}\)\s*$/.test(reason);
}
