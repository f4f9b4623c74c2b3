// What the dpkg builder does before it builds: fetch, unpack, check the build dependencies, make a binNMU. Each step
// says whose fault a failure is, with sbuild's names for the stages.
import { join } from 'node:path';
import { systemClock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { withoutEpoch } from '../debian/version.ts';
import { addBinNmuEntry } from './bin-nmu.ts';
import { inside, sourceDirectory, type DpkgBuild } from './dpkg-run.ts';
import type { BuildJob } from './job.ts';
import { section } from './log-format.ts';
import { failure, verdictOfStop, type Verdict } from './recording.ts';
import { checkSource, copySource } from './source-files.ts';

type Step = (build: DpkgBuild) => Promise<Verdict | null>;

const fetchSource: Step = async (build) => {
  const { job, log, tree } = build;
  log.write(section('Fetch source files'));
  if (job.dscFile === null) {
    const fetched = await inside(
      build,
      ['apt-get', '-q', 'source', '--download-only', '--only-source', `${job.package}=${job.version}`],
      { where: tree, isolation: 'none' },
    );
    const stopped = verdictOfStop(fetched, 'fetch-src');
    if (stopped !== null) return stopped;
    if (fetched.code !== 0)
      return failure('given-back', 'fetch-src', `the source ${job.package} ${job.version} could not be fetched`);
  }
  try {
    if (job.dscFile !== null) copySource(job.dscFile, tree, dscName(job));
    const { files } = await checkSource(join(tree, dscName(job)), job);
    log.write(files.map((file) => `${file.sha256}  ${file.name}\n`).join(''));
    return null;
  } catch (error) {
    log.write(`E: ${messageOf(error)}\n`);
    return failure('given-back', 'fetch-src', messageOf(error));
  }
};

/** The .dsc's name in the build's directory: as dpkg-source names it (policy §3.2.1: no epoch in file names). */
export const dscName = (job: BuildJob): string => `${job.package}_${withoutEpoch(job.version)}.dsc`;

const unpack: Step = async (build) => {
  build.log.write(section('Unpack source'));
  const unpacked = await inside(build, ['dpkg-source', '--no-check', '-x', dscName(build.job), 'source'], {
    where: build.tree,
  });
  const stopped = verdictOfStop(unpacked, 'unpack');
  if (stopped !== null) return stopped;
  return unpacked.code === 0 ? null : failure('given-back', 'unpack', 'the source could not be unpacked');
};

// dpkg-checkbuilddeps(1): 1 unmet, 2 debian/control cannot be read.
const checkBuildDependencies: Step = async (build) => {
  const { job, log } = build;
  log.write(section('Check package build dependencies'));
  const others = job.architecture === 'all' ? '-A' : '-I';
  const extra = [
    job.extraDepends === null ? [] : ['-d', job.extraDepends],
    job.extraConflicts === null ? [] : ['-c', job.extraConflicts],
  ].flat();
  const checks = [[others], ...(extra.length > 0 ? [extra] : [])];
  for (const args of checks) {
    const checked = await inside(build, ['dpkg-checkbuilddeps', ...args], { where: sourceDirectory(build) });
    const stopped = verdictOfStop(checked, 'install-deps');
    if (stopped !== null) return stopped;
    if (checked.code === 1)
      return failure('given-back', 'install-deps', 'build dependencies are not installed; the log has the list');
    if (checked.code !== 0) return failure('attempted', 'install-deps', 'debian/control could not be read');
  }
  log.write('All build dependencies are installed.\n');
  return null;
};

const addBinNmu: Step = (build) => {
  try {
    if (build.job.binNmu !== null) addBinNmuEntry(sourceDirectory(build), build.job, systemClock.now());
    return Promise.resolve(null);
  } catch (error) {
    return Promise.resolve(failure('attempted', 'hack-binNMU', messageOf(error)));
  }
};

/** The steps in their order; the first that fails decides. */
export const preparation: readonly Step[] = [fetchSource, unpack, checkBuildDependencies, addBinNmu];
