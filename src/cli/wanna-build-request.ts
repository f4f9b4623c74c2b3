// From parsed arguments to a request that can be carried out: which distribution, architecture, user, form of output.
// Everything is checked here, before the store is opened.
import { DataError, UsageError } from '../platform/errors.ts';
import type { WannaBuildConf } from '../config/wanna-build-conf.ts';
import { hostArchitecture } from '../debian/architecture.ts';
import type { Adjustments } from '../wanna-build/transition.ts';
import type { ParsedArguments } from './wanna-build-options.ts';

/** Where a command reads and writes; tests give their own. */
export interface Streams {
  out(text: string): void;
  /** Asks for what is about to be read, where a person sits there. */
  prompt(text: string): void;
  /** Lines of standard input, without the line ends. */
  lines(): AsyncIterable<string>;
}

export interface Request {
  readonly parsed: ParsedArguments;
  readonly conf: WannaBuildConf;
  readonly home: string;
  readonly streams: Streams;
  /** At least one; all of them known. */
  readonly distributions: readonly string[];
  readonly architecture: string;
  /** The builder's name. */
  readonly user: string;
  readonly realUser: string;
  readonly api: 0 | 1 | 2;
  readonly time: Date;
}

const wellKnown: Readonly<Record<string, string>> = { o: 'oldstable', s: 'stable', t: 'testing', u: 'unstable' };

/**
 * What is meant where no `--dist` is given: unstable; where that is not configured, the one that is.
 * @throws DataError where several are.
 */
export function defaultDistribution(conf: WannaBuildConf): string {
  const isKnown = conf.distributions.some(({ name, aliases }) => name === 'unstable' || aliases.includes('unstable'));
  const [only, ...others] = conf.distributions.map(({ name }) => name);
  if (isKnown || only === undefined) return 'unstable';
  if (others.length === 0) return only;
  throw new DataError(`no distribution named unstable: name one with -d: known are ${[only, ...others].join(', ')}`);
}

/** The distributions that `--dist` means. @throws DataError for an unknown one, naming the known. */
export function distributionsOf(text: string, conf: WannaBuildConf): string[] {
  const names = conf.distributions.map((entry) => entry.name);
  if (text === 'a' || text === 'all' || text === 'any') {
    if (names.length === 0) throw new DataError(noDistributions);
    return names;
  }
  const found = text.split(',').map((word) => {
    const name = wellKnown[word] ?? word;
    const entry = conf.distributions.find((one) => one.name === name || one.aliases.includes(name));
    if (entry !== undefined) return entry.name;
    if (names.length === 0) throw new DataError(`Bad distribution '${word}'; ${noDistributions}`);
    throw new DataError(`Bad distribution '${word}'; known are ${names.join(', ')}`);
  });
  return [...new Set(found)];
}

const noDistributions = 'none is configured: expected [[distributions]] in wanna-build.toml or buildd.conf';

/** The architecture, if all the distributions have it. @throws DataError that names those they have. */
export function architectureOf(
  parsed: ParsedArguments,
  conf: WannaBuildConf,
  distributions: readonly string[],
): string {
  const database = parsed.values.get('database')?.split('/')[0];
  const architecture = parsed.values.get('arch') ?? database ?? hostArchitecture();
  for (const name of distributions) {
    const known = conf.distributions.find((entry) => entry.name === name)?.architectures ?? [];
    if (known.includes(architecture)) continue;
    throw new DataError(
      `architecture (${architecture}) does not exist (at least not for ${name}); known are ${known.join(', ')}`,
    );
  }
  return architecture;
}

/** A whole number that an option was given, or null. @throws UsageError */
export function wholeNumber(parsed: ParsedArguments, name: string): number | null {
  const text = parsed.values.get(name);
  if (text === undefined) return null;
  if (!/^[+-]?\d{1,9}$/.test(text))
    throw new UsageError(`--${name}: expected a whole number, not "${text.slice(0, 60)}"`);
  return Number(text);
}

/** A number of days that an option was given, or null. @throws UsageError */
export function days(parsed: ParsedArguments, name: string): number | null {
  const text = parsed.values.get(name);
  if (text === undefined) return null;
  if (!/^\d{1,6}(?:\.\d{1,6})?$/.test(text))
    throw new UsageError(`--${name}: expected a number of days, not "${text.slice(0, 60)}"`);
  return Number(text);
}

/** The output's form. @throws UsageError */
export function apiOf(parsed: ParsedArguments): 0 | 1 | 2 {
  const text = parsed.values.get('api') ?? '1';
  if (text === '0') return 0;
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw new UsageError(`--api: expected 0, 1 or 2, not "${text.slice(0, 60)}"`);
}

/** What is to be set together with a change. An empty value, or priority 0, clears. */
export function adjustmentsOf(parsed: ParsedArguments): Adjustments {
  const text = (name: string): string | null | undefined => {
    const value = parsed.values.get(name);
    if (value !== undefined && /[\u0000-\u001f\u007f-\u009f]/.test(value)) {
      throw new UsageError(`--${name}: expected one line without control characters`);
    }
    return value === undefined ? undefined : value.trim() === '' ? null : value.trim();
  };
  const priority = (name: string): number | null | undefined =>
    parsed.values.has(name) ? wholeNumber(parsed, name) || null : undefined;
  const extraDepends = text('extra-depends');
  const extraConflicts = text('extra-conflicts');
  const buildpri = priority('build-priority');
  const permbuildpri = priority('permanent-build-priority');
  return {
    ...(extraDepends === undefined ? {} : { extra_depends: extraDepends }),
    ...(extraConflicts === undefined ? {} : { extra_conflicts: extraConflicts }),
    ...(buildpri === undefined ? {} : { buildpri }),
    ...(permbuildpri === undefined ? {} : { permbuildpri }),
  };
}

/** A builder's name, as it may stand in lists and mails. @throws UsageError */
export function userNamed(text: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,99}$/.test(text)) return text;
  throw new UsageError('--user: expected a user name of letters, digits and _.@+-');
}

/** An operand that is no name, as it may stand on a terminal. */
export function shown(operand: string): string {
  return operand.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?').slice(0, 300);
}

/** The one distribution of a command that changes something. @throws UsageError when several are meant. */
export function oneDistribution(request: Request): string {
  const [distribution, ...others] = request.distributions;
  if (distribution === undefined || others.length > 0)
    throw new UsageError('--dist: one distribution is expected here');
  return distribution;
}
