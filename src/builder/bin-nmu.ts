// The changelog entry that makes a build a binNMU: same source, binaries with a higher version (+bN). The words are
// sbuild's, so that binaries of both builders look alike. Must never write outside the source tree.
import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../platform/atomic-file.ts';
import { DataError } from '../platform/errors.ts';
import { harmless } from '../platform/logger.ts';
import type { BuildJob } from './job.ts';
import { builtVersion, rfc5322Date } from './log-format.ts';

/** The entry (deb-changelog(5)); its text cannot break out of it, whatever it contains. */
function binNmuEntry(job: BuildJob, now: Date): string {
  const lines = (job.binNmu?.changelog ?? '')
    .split('\n')
    .map(harmless)
    .filter((line) => line !== '');
  return [
    `${job.package} (${builtVersion(job)}) ${job.distribution.replaceAll('/', '-')}; urgency=low, binary-only=yes`,
    '',
    `  * Binary-only non-maintainer upload for ${job.architecture}; no source changes.`,
    ...lines.map((line, index) => (index === 0 ? `  * ${line}` : `    ${line}`)),
    '',
    ` -- ${harmless(job.maintainer ?? 'mailbuildd <buildd@localhost>')}  ${rfc5322Date(now)}`,
    '',
    '',
  ].join('\n');
}

/**
 * Puts the entry on top of debian/changelog.
 * @throws DataError where debian/changelog is not a plain file of this tree.
 */
export function addBinNmuEntry(sourceTree: string, job: BuildJob, now: Date): void {
  const path = join(sourceTree, 'debian', 'changelog');
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status?.isFile() !== true || realpathSync(path) !== join(realpathSync(sourceTree), 'debian', 'changelog')) {
    throw new DataError('debian/changelog: is not a plain file of the source, a binNMU cannot be made');
  }
  writeFileAtomically(path, Buffer.concat([Buffer.from(binNmuEntry(job, now)), readFileSync(path)]));
}
