// The .changes that a builder signed itself (`sign_with`), which goes to the archive without the admin's answer. The
// build that wrote it is hostile: it must not choose another package or another distribution to be uploaded for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearText } from '../builder/clear-text.ts';
import { parseChanges, type Changes } from '../debian/changes.ts';
import { binaryVersion } from '../debian/version.ts';
import type { Build } from '../home/builds.ts';
import { queueDirectory } from '../home/carry-out.ts';
import { foreignFiles } from '../home/foreign-files.ts';
import { messageOf } from '../platform/errors.ts';
import type { SignedResult } from './report.ts';
import type { DaemonWorld } from './world.ts';

const armor = '-----BEGIN PGP SIGNED MESSAGE-----\n';

/**
 * Reads it; null, and a line in the log, where it is not signed, is not this build's, or names files of another
 * upload: then the admin decides.
 * @param queue the upload queue that it is for.
 */
export function readSigned(world: DaemonWorld, changesFile: string, build: Build, queue: string): SignedResult | null {
  const refuse = (why: string): null => {
    world.log.log(`${changesFile} is not uploaded by itself: ${why}; the admin's answer is waited for`);
    return null;
  };
  try {
    const text = readFileSync(join(world.paths.build, changesFile), 'utf8');
    if (!text.startsWith(armor)) return refuse('it is not signed, though sign_with is set');
    const changes = parseChanges(clearText(text, changesFile), changesFile);
    if (!isOf(build, changes)) return refuse('it is for another package, version or distribution');
    const foreign = foreignFiles(changes, [world.paths.build, queueDirectory(world.paths, queue)]);
    return foreign.length > 0 ? refuse(foreign.slice(0, 5).join('; ')) : { name: changesFile, text, changes };
  } catch (error) {
    return refuse(messageOf(error));
  }
}

const isOf = (build: Build, changes: Changes): boolean =>
  changes.source === build.package &&
  changes.version === binaryVersion(build.version, build.binNmu?.number ?? 0) &&
  changes.distributions.join(' ') === build.distribution;
