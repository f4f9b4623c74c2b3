// The dpkg builder from the unpacked source to the results in their place; the steps before it stand in
// dpkg-prepare.ts. Must never sign or move anything that was not checked.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../platform/clock.ts';
import { DataError, messageOf } from '../platform/errors.ts';
import { dscName, preparation } from './dpkg-prepare.ts';
import { inside, sourceDirectory, type DpkgBuild } from './dpkg-run.ts';
import type { BuildJob } from './job.ts';
import { section } from './log-format.ts';
import { failure, secondsSince, verdictOfStop, type Verdict } from './recording.ts';
import { checkResults, moveResults, resultStem, signChanges } from './results.ts';
import { declaredBinaries } from './source-files.ts';

/** Goes through the steps. */
export async function buildSteps(build: DpkgBuild): Promise<Verdict> {
  for (const step of preparation) {
    const failed = await step(build);
    if (failed !== null) return failed;
  }
  // Until here nothing of the package ran: this is still the .dsc that was checked.
  const binaries = declaredBinaries(join(build.tree, dscName(build.job)));
  const buildStarted = systemClock.now();
  const failed = await compile(build);
  const buildSeconds = secondsSince(buildStarted);
  return { ...(failed ?? (await handOver(build, binaries))), buildSeconds };
}

const compile = async (build: DpkgBuild): Promise<Verdict | null> => {
  build.log.write(section('Build'));
  const command = buildCommand(build.job);
  build.log.write(`Command: ${command.join(' ')}\n`);
  const built = await inside(build, command, { where: sourceDirectory(build) });
  const stopped = verdictOfStop(built, 'build');
  if (stopped !== null) return stopped;
  return built.code === 0 ? null : failure('attempted', 'build', null);
};

/** dpkg-buildpackage(1) for what the job asks for; -d, because the dependencies were just checked. */
function buildCommand(job: BuildJob): string[] {
  const stem = resultStem(job);
  return [
    'dpkg-buildpackage',
    ...['--sanitize-env', '-us', '-uc', '-d', job.architecture === 'all' ? '-A' : '-B'],
    ...(job.maintainer === null ? [] : [`-e${job.maintainer}`]),
    `--changes-option=-DDistribution=${job.distribution}`,
    ...(job.fileSuffix === null
      ? []
      : [`--changes-option=-O../${stem}.changes`, `--buildinfo-option=-O../${stem}.buildinfo`]),
  ];
}

const handOver = async (build: DpkgBuild, binaries: readonly string[] | null): Promise<Verdict> => {
  const { job, log, tree } = build;
  try {
    const names = await checkResults(tree, job);
    const changes = names.at(-1) ?? '';
    log.write(`${section('Changes')}${readFileSync(join(tree, changes), 'utf8')}`);
    const unsigned = await signingProblem(build, join(tree, changes));
    moveResults(names, tree, job.buildDirectory, binaries);
    const made = { changesFile: changes, buildSeconds: 0, diskUsed: null };
    if (unsigned !== null) return { result: 'failed', failStage: 'sign', remark: unsigned, ...made };
    return { result: 'successful', failStage: null, remark: null, ...made };
  } catch (error) {
    // What the package made is wrong, or it could not be put in its place.
    return failure(error instanceof DataError ? 'attempted' : 'failed', 'build', messageOf(error));
  }
};

const signingProblem = async ({ job }: DpkgBuild, changes: string): Promise<string | null> => {
  if (job.signWith === null) return null;
  try {
    await signChanges(changes, job.signWith, job.home);
    return null;
  } catch (error) {
    return messageOf(error);
  }
};
