import { describe, expect, it } from 'vitest';
import { errorLine, exitCodeOf } from '../../src/platform/command-line.ts';
import {
  ConfigurationError,
  DataError,
  TemporaryError,
  UnavailableError,
  UsageError,
} from '../../src/platform/errors.ts';

describe('what a user reads when a command fails', () => {
  it.each([
    [new UsageError('x'), 64],
    [new DataError('x'), 65],
    [new UnavailableError('x'), 69],
    [new TemporaryError('x'), 75],
    [new ConfigurationError('x'), 78],
    [Object.assign(new Error('write'), { code: 'ENOSPC' }), 75],
    [Object.assign(new Error('open'), { code: 'EACCES' }), 69],
    [new Error('bug'), 70],
  ])('%s has exit code %i', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  it('is one line, whatever was thrown, and never a stack', () => {
    expect(errorLine('buildd', new DataError('one\n  two'))).toBe('buildd: one two');
    expect(errorLine('buildd', new TypeError('x is not a function'))).toBe(
      'buildd: internal error: x is not a function. This is a defect of mailbuildd; please report it.',
    );
  });
});
