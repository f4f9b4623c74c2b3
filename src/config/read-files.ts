// Reads the TOML files of a configuration, and checks a table against what may stand in it. What is wrong becomes one
// line with file, key and what is expected.
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { readTextIfThere } from '../platform/atomic-file.ts';
import { ConfigurationError, messageOf } from '../platform/errors.ts';

type Table = Record<string, unknown>;

export interface ReadFile {
  readonly path: string;
  readonly table: Table;
}

/**
 * The files of that name that are there: the system's, then the home's.
 * @throws ConfigurationError when one cannot be read, or is not TOML
 */
export const readAll = (name: string, home: string, system: string): ReadFile[] =>
  [join(system, name), join(home, name)].flatMap((path) => {
    let text: string | null;
    try {
      text = readTextIfThere(path);
    } catch (error) {
      throw new ConfigurationError(`${path}: cannot be read: ${messageOf(error)}`);
    }
    return text === null ? [] : [{ path, table: parseToml(text, path) }];
  });

const parseToml = (text: string, path: string): Table => {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [first = 'not TOML'] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new ConfigurationError(`${path}: line ${error.line}: ${first}`);
  }
};

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The files as one table: the home's keys win; inside a table ([mail] …) key by key, lists as a whole. */
export const merge = (files: readonly ReadFile[]): Table => {
  const merged: Table = {};
  for (const { table } of files) {
    for (const [key, value] of Object.entries(table)) {
      const before = merged[key];
      merged[key] = isTable(before) && isTable(value) ? { ...before, ...value } : value;
    }
  }
  return merged;
};

/** What the schema makes of a table. @throws ConfigurationError naming file, key and what is expected */
export const check = <T extends v.GenericSchema>(schema: T, table: Table, file: string): v.InferOutput<T> => {
  const result = v.safeParse(schema, table);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ConfigurationError(`${file}: ${describe(issue)}`);
};

const describe = (issue: v.BaseIssue<unknown>): string => {
  const key = (issue.path ?? []).map((item) => String(item.key)).join('.');
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${key}: unknown key`;
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${key}: this key is needed`;
  const message = issue.message.startsWith('expected')
    ? issue.message
    : `expected ${issue.expected ?? 'another value'}`;
  return `${key}: ${message}, found ${issue.received.slice(0, 60)}`;
};
