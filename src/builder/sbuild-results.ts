// What sbuild says it built: checked, and out of the build's own directory into build/. Must never touch what other
// packages have in build/.
import { join } from 'node:path';
import { DataError, messageOf } from '../platform/errors.ts';
import type { BuildJob } from './job.ts';
import type { Verdict } from './recording.ts';
import { checkResults, isSigned, moveResults } from './results.ts';

/**
 * The verdict on a build that sbuild calls successful, with its results in their place where it is.
 * @param binaries the packages that the source declares; null where that is not known.
 */
export async function takeResults(
  job: BuildJob,
  tree: string,
  binaries: readonly string[] | null,
  verdict: Verdict,
): Promise<Verdict> {
  const refused = (result: 'attempted' | 'failed', error: unknown): Verdict => ({
    ...verdict,
    result,
    failStage: 'build',
    remark: messageOf(error),
  });
  let names: string[];
  let signed: boolean;
  try {
    names = await checkResults(tree, job);
    signed = job.signWith === null || (await isSigned(join(tree, names.at(-1) ?? '')));
  } catch (error) {
    return refused('failed', error);
  }
  try {
    moveResults(names, tree, job.buildDirectory, binaries);
  } catch (error) {
    // The names of its files are the package's to answer for.
    return refused(error instanceof DataError ? 'attempted' : 'failed', error);
  }
  const moved = { ...verdict, changesFile: names.at(-1) ?? null };
  if (signed) return moved;
  return {
    ...moved,
    result: 'failed',
    failStage: 'sign',
    remark: `the .changes could not be signed with ${job.signWith ?? ''}; the end of the log says why`,
  };
}
