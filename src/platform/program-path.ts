// Where a program is, as execvp(3) would find it.
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** The path of an executable file of that name on PATH (and in the sbin directories); null if there is none. */
export function programPath(name: string, path = process.env['PATH'] ?? '/usr/bin:/bin'): string | null {
  const candidates = name.includes('/')
    ? [name]
    : [...path.split(':'), '/usr/sbin', '/sbin'].map((dir) => join(dir || '.', name));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not there: the next one.
    }
  }
  return null;
}
