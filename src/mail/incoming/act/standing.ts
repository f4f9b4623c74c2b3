// Where a package stands that a mail speaks of: in the store, and in this home. Only looks; what follows from it is
// decided elsewhere. Names that come in here are checked already; nothing is followed out of build/ or a queue.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuilddConf, DistributionConf } from '../../../config/buildd-conf.ts';
import { splitBinNmu, withoutEpoch } from '../../../debian/version.ts';
import { lastBuildOf, runningBuilds, type Build } from '../../../home/builds.ts';
import { queueDirectory } from '../../../home/carry-out.ts';
import type { HomeDatabase } from '../../../home/database.ts';
import type { HomePaths } from '../../../home/paths.ts';
import { systemCodeOf } from '../../../platform/errors.ts';
import type { WannaBuildClient } from '../../../wanna-build/client.ts';
import type { PackageRecord } from '../../../wanna-build/record.ts';

export interface Standing {
  readonly package: string;
  /** As the mail names it: with `+bN` for a binNMU. */
  readonly version: string;
  readonly distribution: string;
  readonly architecture: string;
  /** The builder name under which this home takes there. */
  readonly user: string;
  /** Null: not registered. */
  readonly record: PackageRecord | null;
  /** This home's last build of the version; null where there was none. */
  readonly build: Build | null;
  /** Whether that version is being built here now. */
  readonly running: boolean;
  /** Names in build/ of directories that belong to this version, but for those of builds that run now. */
  readonly directories: readonly string[];
}

export interface StandingPorts {
  readonly paths: HomePaths;
  readonly db: HomeDatabase;
  readonly store: Pick<WannaBuildClient, 'info'>;
}

/** The distributions of the configuration that a mail can mean. */
export function distributionsMeant(conf: BuilddConf, name: string, architecture: string | null): DistributionConf[] {
  return conf.distributions.filter(
    (entry) => entry.dist_name === name && (architecture === null || architecture === entry.built_architecture),
  );
}

/** @throws UnavailableError when the store cannot be reached. */
export async function standingOf(
  ports: StandingPorts,
  distribution: DistributionConf,
  name: { readonly package: string; readonly version: string },
): Promise<Standing> {
  const key = {
    package: name.package,
    distribution: distribution.dist_name,
    architecture: distribution.built_architecture,
  };
  const source = splitBinNmu(name.version).source;
  const running = runningBuilds(ports.db).filter(
    (build) =>
      build.package === key.package &&
      (build.version === source || build.version === name.version) &&
      build.distribution === key.distribution &&
      build.architecture === key.architecture,
  );
  return {
    ...key,
    version: name.version,
    user: distribution.wanna_build_db_user,
    record: await ports.store.info(key),
    build:
      lastBuildOf(ports.db, { ...key, version: name.version }) ?? lastBuildOf(ports.db, { ...key, version: source }),
    running: running.length > 0,
    directories: buildDirectoriesOf(ports.paths.build, name.package, name.version).filter(
      (directory) => !running.some(({ number }) => directory.endsWith(`-${number}`)),
    ),
  };
}

/** Directories of build/ named `NAME_VERSION` or `NAME_VERSION-…`, the version without its epoch. */
function buildDirectoriesOf(build: string, name: string, version: string): string[] {
  const full = `${name}_${withoutEpoch(version)}`;
  return entriesOf(build)
    .filter((entry) => entry === full || /^-\d+$/.test(entry.startsWith(full) ? entry.slice(full.length) : ''))
    .filter((entry) => isDirectory(join(build, entry)));
}

export interface QueuedUpload {
  /** Name of the queue directory in the home. */
  readonly queue: string;
  readonly changes: string;
  /** Its .upload says that the whole upload was handed over. */
  readonly uploaded: boolean;
}

/** The queue directories of this home, each once. */
export function queueNames(conf: BuilddConf): string[] {
  const names = [...conf.distributions, ...conf.upload_queues].map((entry) => entry.dupload_local_queue_dir);
  return [...new Set(names)];
}

/** Which queues hold a .changes whose name passes. */
export function queuedUploads(
  paths: HomePaths,
  queues: readonly string[],
  isMeant: (changes: string) => boolean,
): QueuedUpload[] {
  return queues.flatMap((queue) => {
    const directory = queueDirectory(paths, queue);
    return entriesOf(directory)
      .filter((entry) => entry.endsWith('.changes') && isMeant(entry))
      .map((changes) => ({ queue, changes, uploaded: isUploaded(directory, changes) }));
  });
}

// dupload(1): the last line of a finished upload is `s NAME.changes HOST DATE`.
const isUploaded = (directory: string, changes: string): boolean => {
  const path = join(directory, `${changes.slice(0, -'.changes'.length)}.upload`);
  try {
    if (!lstatSync(path).isFile()) return false;
    return readFileSync(path, 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`s ${changes} `));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
};

const entriesOf = (directory: string): string[] => {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
};

const isDirectory = (path: string): boolean => {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
};
