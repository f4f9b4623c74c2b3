// The recorded answers of the existing server, beside the checkout: read, and brought into a form that can be compared.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const directory = fileURLToPath(new URL('../../../shared/spec/samples/wanna-build', import.meta.url));
const shared = fileURLToPath(new URL('../../../shared', import.meta.url));

/** Whether a directory with the specification lies beside this checkout. */
export const isSpecificationThere = existsSync(shared);

/** Names of the sample files, without `.txt`. */
export const sampleNames: readonly string[] = existsSync(directory)
  ? readdirSync(directory).map((file) => file.replace(/\.txt$/, ''))
  : [];

/** One recorded command. */
export interface Recorded {
  readonly args: readonly string[];
  readonly output: string;
  readonly exitCode: number | null;
}

/** The commands of a sample; a file without a command line is the output of the command in its name. */
export function readSample(name: string): Recorded[] {
  const text = readFileSync(join(directory, `${name}.txt`), 'utf8');
  if (!text.startsWith('$ ')) return [{ args: [], output: text, exitCode: null }];
  return text
    .split(/^(?=\$ wanna-build)/m)
    .map((block) => block.trimEnd())
    .map((block) => {
      const [first = '', ...lines] = block.split('\n');
      const exit = /^\[exit (\d+)\]$/.exec(lines.at(-1) ?? '')?.[1];
      const output = exit === undefined ? lines : lines.slice(0, -1);
      return {
        args: shellWords(first.replace('$ wanna-build ', '')),
        output: output.map((line) => `${line}\n`).join(''),
        exitCode: exit === undefined ? null : Number(exit),
      };
    });
}

// As the shell's `printf %q` quotes: backslashes, and $'…' for lines.
const shellWords = (text: string): string[] =>
  [...text.matchAll(/(?:\$'((?:\\.|[^'])*)'|(?:\\.|[^\s\\])+)/g)].map(([word, quoted]) =>
    (quoted ?? word).replace(/\\(.)/g, (_all, letter: string) =>
      quoted !== undefined && letter === 'n' ? '\n' : letter,
    ),
  );

interface Said {
  /** What is not YAML, line by line; comment marks, times and the revision line taken out. */
  readonly text: string;
  /** The reply to a take; null where there is none. */
  readonly document: unknown;
}

/** What an answer says, whoever gave it: without times, revision, claim numbers and the slips of the existing server. */
export function said(answer: string, args: readonly string[]): Said {
  const lines = withoutRevision(answer, args).split('\n');
  const begin = lines.findIndex((line) => line === '---' || /^-(?: \S+:)?$/.test(line));
  const text = (begin < 0 ? lines : lines.slice(0, begin)).map((line) => line.replace(/^# /, '')).join('\n');
  return { text: normalised(text), document: begin < 0 ? null : documentIn(lines.slice(begin).join('\n')) };
}

const withoutRevision = (answer: string, args: readonly string[]): string => {
  if (!answer.startsWith('wanna-build ')) return answer;
  const end = args.at(-1) ?? '';
  return answer.slice(answer.indexOf(`#${end}\n`) + end.length + 2);
};

const normalised = (text: string): string =>
  text
    .replace(/^( {2}State-Change +: ).*$/m, '$1TIME')
    .replace(/^( {2}State-Time +: ).*$/m, '$1SECONDS')
    .replaceAll('skiping', 'skipping')
    .replace(/^( {2}Reasons for failing:\n)(?! {4})/gm, '$1    ')
    .trimEnd();

const documentIn = (text: string): unknown =>
  (parse(text) as Record<string, Record<string, unknown>[]>[]).map((entry) =>
    Object.entries(entry).map(([name, fields]) => [
      name,
      fields
        .filter((field) => !('claim' in field))
        .map((field) => Object.entries(field).map(([key, value]) => `${key}: ${onOneLine(String(value))}`)),
    ]),
  );

// The existing server folds lines by accident, and says "newer version" of the same one.
const onOneLine = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/^(already uploaded by \S+) \(in newer version 1\.9\.21~dfsg-3\)$/, '$1');
