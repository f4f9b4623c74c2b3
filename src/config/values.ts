// The kinds of values that configuration files have, with the words that say what is expected.
import * as v from 'valibot';
import { isArchitectureName, isDistributionName } from '../debian/names.ts';

export const strings = v.array(v.string('expected a string'), 'expected a list of strings');
export const text = v.string('expected a string');
export const flag = v.boolean('expected true or false');
export const count = v.pipe(
  v.number('expected a whole number'),
  v.integer('expected a whole number'),
  v.minValue(0, 'expected 0 or more'),
);
export const days = v.pipe(v.number('expected a number of days'), v.minValue(0, 'expected 0 or more'));
export const address = v.pipe(text, v.regex(/^[^\s@<>(),;:"]+(?:@[A-Za-z0-9.-]+)?$/, 'expected a mail address'));
export const fingerprint = v.pipe(
  text,
  v.transform((value) => value.replace(/\s+/g, '').toUpperCase()),
  v.regex(/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/, 'expected the 40 hex digits of a fingerprint'),
);
export const distributionName = v.pipe(text, v.check(isDistributionName, 'expected the name of a distribution'));
export const architecture = v.pipe(text, v.check(isArchitectureName, 'expected the name of an architecture'));
export const oneOrMore = <T extends v.GenericSchema>(schema: T) =>
  v.union(
    [
      v.pipe(
        schema,
        v.transform((one) => [one]),
      ),
      v.array(schema),
    ],
    'expected a string or a list of strings',
  );
