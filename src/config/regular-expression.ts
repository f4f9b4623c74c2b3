// Regular expressions in configuration files: checked when they are read, and only ever tried on short text.
import * as v from 'valibot';

const compiles = (text: string): boolean => {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
};

/** A string that is a regular expression (JavaScript's, with the u flag); becomes the RegExp. */
export const regularExpression = v.pipe(
  v.string('expected a regular expression in quotes'),
  v.check(compiles, 'expected a regular expression; this one does not compile'),
  v.transform((text) => new RegExp(text, 'u')),
);

const longestTried = 1000;

/** Whether the expression matches the text's first 1,000 characters. */
export function matches(expression: RegExp, text: string): boolean {
  return expression.test(text.slice(0, longestTried));
}
