// A full disk and a file that is none: the user reads which place it is.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTextIfThere } from '../../src/platform/atomic-file.ts';
import { errorLine, exitCodeOf } from '../../src/platform/command-line.ts';
import { DataError, messageOf } from '../../src/platform/errors.ts';
import { withPlace } from '../../src/platform/system-error.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const failure = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: went wrong, write`), path === undefined ? { code } : { code, path });

describe('a full disk', () => {
  it.each([
    ['ENOSPC', undefined, '/srv/home'],
    ['SQLITE_FULL', undefined, '/srv/home'],
    ['ENOSPC', '/srv/home/upload/x', '/srv/home/upload/x'],
  ])('%s at %s is said of %s, with what to do; it is temporary', (code, path, place) => {
    const error = withPlace(failure(code, path), '/srv/home');
    expect(errorLine('buildd-watcher', error)).toBe(
      `buildd-watcher: ${place}: no space left on device; make some, then it goes on`,
    );
    expect(exitCodeOf(error)).toBe(75);
  });

  it('changes nothing about other errors', () => {
    for (const error of [failure('ENOENT'), new DataError('wrong'), new Error('a defect')])
      expect(withPlace(error, '/srv/home')).toBe(error);
  });
});

describe('a file that is a directory', () => {
  it('is named', () => {
    const path = join(temporaryDirectory('se'), 'REDO');
    mkdirSync(path);
    let said = '';
    try {
      readTextIfThere(path);
    } catch (error) {
      said = messageOf(error);
    }
    expect(said).toContain(`EISDIR`);
    expect(said).toContain(path);
  });
});
