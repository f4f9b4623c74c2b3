// Temporary directories of tests, removed when the test file is done.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

// Registered while the test file is read: a directory may be asked for inside a running test.
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
});

/** A new directory under the system's temporary one, gone after the test file. */
export function temporaryDirectory(name = 'mb'): string {
  const path = mkdtempSync(join(tmpdir(), `${name}-`));
  made.push(path);
  return path;
}
