// Temporary directories of tests, removed when the test file is done.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new directory under the system's temporary one, gone after the test file. */
export function temporaryDirectory(name = 'mb'): string {
  const path = mkdtempSync(join(tmpdir(), `${name}-`));
  afterAll(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}
