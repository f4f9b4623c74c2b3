// A local archive: takes what was uploaded into its pool and writes the indexes.
import { copyFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from './programs.ts';
import type { Site } from './site.ts';

export interface Indexes {
  readonly packages: string;
  readonly sources: string;
}

/** Moves the uploaded files into the pool, beside all sources, and indexes them. */
export function acceptUploads(site: Site): Indexes {
  const pool = join(site.archive, 'pool');
  const incoming = join(site.archive, 'incoming');
  for (const name of readdirSync(incoming)) renameSync(join(incoming, name), join(pool, name));
  for (const name of readdirSync(site.sources)) {
    if (/\.(?:dsc|tar\.[a-z0-9]+|diff\.gz)$/.test(name)) copyFileSync(join(site.sources, name), join(pool, name));
  }
  const packages = join(site.archive, 'Packages');
  const sources = join(site.archive, 'Sources');
  writeFileSync(packages, call('dpkg-scanpackages', ['--multiversion', 'pool'], { cwd: site.archive }));
  writeFileSync(sources, call('dpkg-scansources', ['pool'], { cwd: site.archive }));
  return { packages, sources };
}
