// The arguments of wanna-build, in all the ways that its users and other build daemons have always written them:
// `--opt=value`, `--opt value`, unique abbreviations, `-Aarm64`, empty arguments, `--api 1` in one argument.
import { UsageError } from '../platform/errors.ts';

/** What wanna-build can do; the words are the canonical long options. */
const commandNames = [
  'take',
  'built',
  'attempted',
  'uploaded',
  'failed',
  'dep-wait',
  'give-back',
  'no-build',
  'binNMU',
  'build-priority',
  'permanent-build-priority',
  'update',
  'forget',
  'info',
  'list',
  'history',
  'add',
  'merge-v3',
  'whoami',
  'distribution-architectures',
  'distribution-aliases',
  'help',
  'version',
] as const;
export type CommandName = (typeof commandNames)[number];

const aliases: Readonly<Record<string, string>> = {
  building: 'take',
  'needs-build': 'give-back',
  'not-for-us': 'no-build',
  'binary-nmu': 'binNMU',
};

const withValue: ReadonlySet<string> = new Set([
  'arch',
  'dist',
  'user',
  'message',
  'order',
  'min-age',
  'max-age',
  'database',
  'api',
  'claim',
  'home',
  'store',
  'format',
  'Pas',
  'extra-depends',
  'extra-conflicts',
  'list',
  'binNMU',
  'build-priority',
  'permanent-build-priority',
]);
const flags: ReadonlySet<string> = new Set(['override', 'verbose', 'json', 'strict', 'simulate']);

const shortNames: Readonly<Record<string, string>> = {
  A: 'arch',
  d: 'dist',
  U: 'user',
  m: 'message',
  o: 'override',
  v: 'verbose',
  l: 'list',
  i: 'info',
  O: 'order',
  a: 'min-age',
  b: 'database',
  u: 'uploaded',
  f: 'failed',
  n: 'no-build',
  h: 'help',
};

const longNames: readonly string[] = [...new Set([...commandNames, ...Object.keys(aliases), ...withValue, ...flags])];
const isCommand = (name: string): name is CommandName => (commandNames as readonly string[]).includes(name);

export interface ParsedArguments {
  /** Null: none was given, which means take. */
  readonly command: CommandName | null;
  readonly flags: ReadonlySet<string>;
  /** By canonical name; of an option given twice the last. */
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/**
 * Takes a command line apart.
 * @throws UsageError for an unknown or ambiguous option, a missing value, or two commands.
 */
export function parseArguments(raw: readonly string[]): ParsedArguments {
  const pending = raw.flatMap(splitApi);
  const values = new Map<string, string>();
  const given = new Set<string>();
  const operands: string[] = [];
  while (pending.length > 0) {
    const argument = pending.shift() ?? '';
    if (argument === '') continue;
    if (argument === '--') {
      operands.push(...pending.splice(0).filter((operand) => operand !== ''));
    } else if (argument.startsWith('--')) {
      readLong(argument, { pending, values, given, operands });
    } else if (argument.startsWith('-') && argument !== '-') {
      readShort(argument, { pending, values, given, operands });
    } else operands.push(argument);
  }
  return { command: commandOf(given), flags: given, values, operands };
}

// An existing build daemon sends `--api 1` as one argument.
const splitApi = (argument: string): string[] => (/^--api\s+\S+$/.test(argument) ? argument.split(/\s+/) : [argument]);

interface Reading {
  readonly pending: string[];
  readonly values: Map<string, string>;
  readonly given: Set<string>;
  readonly operands: string[];
}

const readLong = (argument: string, reading: Reading): void => {
  const equals = argument.indexOf('=');
  const written = argument.slice(2, equals < 0 ? undefined : equals);
  const name = canonical(written);
  const attached = equals < 0 ? null : argument.slice(equals + 1);
  accept(name, `--${written}`, attached, reading);
};

const readShort = (argument: string, reading: Reading): void => {
  for (let index = 1; index < argument.length; index += 1) {
    const letter = argument[index] ?? '';
    const name = Object.hasOwn(shortNames, letter) ? shortNames[letter] : undefined;
    if (name === undefined) throw new UsageError(`unknown option -${letter}; see wanna-build --help`);
    const rest = argument.slice(index + 1);
    // `-ifoo`: its users see in NAME the value of -i.
    const takesRest = withValue.has(name) || name === 'info';
    accept(name, `-${letter}`, takesRest && rest !== '' ? rest : null, reading);
    if (takesRest) return;
  }
};

const accept = (name: string, written: string, attached: string | null, reading: Reading): void => {
  reading.given.add(name);
  if (withValue.has(name)) {
    reading.values.set(name, attached ?? nextValue(written, reading.pending));
  } else if (attached !== null) {
    // `--info=NAME`, `--failed=NAME_VERSION`: the first operand.
    if (flags.has(name)) throw new UsageError(`${written} takes no value`);
    if (attached !== '') reading.operands.push(attached);
  }
};

const nextValue = (written: string, pending: string[]): string => {
  while (pending[0] === '') pending.shift();
  const value = pending.shift();
  if (value === undefined) throw new UsageError(`${written}: a value is missing; see wanna-build --help`);
  return value;
};

const canonical = (written: string): string => {
  const lower = written.toLowerCase();
  const exact = longNames.find((name) => name === written) ?? longNames.find((name) => name.toLowerCase() === lower);
  const candidates = exact === undefined ? longNames.filter((name) => name.toLowerCase().startsWith(lower)) : [exact];
  const meant = new Set(candidates.map((name) => aliases[name] ?? name));
  const [only] = meant;
  if (only === undefined || written === '')
    throw new UsageError(`unknown option --${written.slice(0, 60)}; see wanna-build --help`);
  if (meant.size > 1)
    throw new UsageError(`--${written} is ambiguous: ${candidates.map((name) => `--${name}`).join(', ')}`);
  return only;
};

// Priorities may be given together with another change; alone they are the command.
const companions: ReadonlySet<string> = new Set(['build-priority', 'permanent-build-priority']);

const commandOf = (given: ReadonlySet<string>): CommandName | null => {
  const commands = [...given].filter(isCommand);
  const [main, ...others] = commands.filter((name) => !companions.has(name));
  if (others.length > 0) throw new UsageError(`--${main ?? ''} and --${others[0] ?? ''}: one command at a time`);
  return main ?? commands[0] ?? null;
};
