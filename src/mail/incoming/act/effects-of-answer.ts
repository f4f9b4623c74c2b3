// What an answer to a log mail does: the table of answers as pure functions from where the package stands to effects.
// Must never touch a file, the store or a clock.
import { compareVersions } from '../../../debian/version.ts';
import type { Effect } from '../../../home/effect.ts';
import { isBugReferenceAlone } from '../command/command.ts';
import type { QueuedUpload, Standing } from './standing.ts';
import { isGivenBack, refusalOf, versionOf } from './state-check.ts';
import { binNmuOf, effects, inRedo, nothing, purgeEffects, refused, report, type Verdict } from './verdict.ts';

/** What is asked for, and what belongs to it. */
export type Answer =
  | { readonly action: 'retry' | 'manual' | 'purge' | 'not-for-us' | 'upload-rem' }
  | { readonly action: 'fail'; readonly reason: string }
  | { readonly action: 'dep-wait'; readonly list: string }
  | { readonly action: 'give-back'; readonly priority: number | null }
  | { readonly action: 'newvers'; readonly version: string };

/**
 * The effects of an answer to a log mail, or why not.
 * @param claim the take that the answered mail was about; null where the mail proves none.
 */
export function answerLog(
  answer: Answer,
  standing: Standing,
  claim: number | null,
  queued: readonly QueuedUpload[],
): Verdict {
  switch (answer.action) {
    case 'not-for-us':
      return notForUs(standing);
    case 'upload-rem':
      return removeUpload(standing, queued);
    case 'fail':
      return fail(answer.reason, standing, claim);
    default: {
      if (isGivenBack(standing, claim)) return onceGivenBack(answer, standing);
      const refusal = refusalOf(standing, claim);
      return refusal === null ? effectsOf(answer, standing) : refused(refusal);
    }
  }
}

type OfBuild = Exclude<Answer, { action: 'not-for-us' | 'upload-rem' | 'fail' }>;

// It waits in the queue again: what does not need it taken can be done all the same.
const onceGivenBack = (answer: OfBuild, standing: Standing): Verdict => {
  const where = `in ${standing.distribution} on ${standing.architecture}`;
  const name = `${standing.package}_${standing.version}`;
  const state = standing.record?.state ?? '';
  if (answer.action === 'give-back') return nothing(`${name} is given back already: it is ${state} ${where}.`);
  // The store gives it to nobody: a line in REDO would be dropped.
  if (answer.action === 'retry' && state === 'BD-Uninstallable')
    return refused(
      `${name} is BD-Uninstallable ${where}: its build dependencies cannot be installed now. It is built once they can be.`,
    );
  return effectsOf(answer, standing);
};

const effectsOf = (answer: OfBuild, standing: Standing): Verdict => {
  switch (answer.action) {
    case 'retry':
      return effects({ kind: 'redo-add', ...inRedo(standing), binNmu: binNmuOf(standing.record) });
    case 'dep-wait':
      return effects(report(standing, 'dep-wait', { message: answer.list }), ...purgeEffects(standing));
    case 'give-back':
      return effects(report(standing, 'give-back', { buildPriority: answer.priority }), ...purgeEffects(standing));
    case 'newvers':
      return newVersion(answer.version, standing);
    case 'purge':
      return effects(...purgeEffects(standing));
    case 'manual':
    case 'not-for-us':
    case 'upload-rem':
      return effects();
  }
};

const fail = (reason: string, standing: Standing, claim: number | null): Verdict => {
  const refusal = refusalOf(standing, claim, isBugReferenceAlone(reason) ? ['Failed'] : []);
  if (refusal !== null && !isGivenBack(standing, claim)) return refused(refusal);
  return effects(report(standing, 'failed', { message: reason }), ...purgeEffects(standing));
};

// Not for us is about the package, not about a build: neither an outdated version nor the state matters.
const notForUs = (standing: Standing): Verdict => {
  const { record } = standing;
  const where = `${standing.distribution} on ${standing.architecture}`;
  if (record === null) return refused(`${standing.package} is not registered in ${where}.`);
  // The store's command toggles: the second admin who says the same must not turn it back.
  if (record.state === 'Not-For-Us') return refused(`${standing.package} is Not-For-Us in ${where} already.`);
  return effects(report(standing, 'no-build', { version: versionOf(record), claim: null }), ...purgeEffects(standing));
};

const removeUpload = (standing: Standing, queued: readonly QueuedUpload[]): Verdict => {
  const waiting = queued.filter((upload) => !upload.uploaded);
  const name = `${standing.package}_${standing.version}`;
  if (queued.length === 0) return refused(`${name} is in no upload queue.`);
  if (waiting.length === 0) return refused(`${name} was uploaded already; it cannot be called back from here.`);
  const byChanges = new Map<string, string[]>();
  for (const { changes, queue } of waiting) byChanges.set(changes, [...(byChanges.get(changes) ?? []), queue]);
  return effects(...[...byChanges].map(([changes, queues]): Effect => ({ kind: 'unqueue', queues, changes })));
};

const newVersion = (version: string, standing: Standing): Verdict => {
  const { record } = standing;
  if (record !== null && compareVersions(version, record.version) <= 0) {
    return refused(
      `${version} is not newer than ${record.version}, which ${standing.distribution} has; use "retry" to build that again.`,
    );
  }
  return effects(report(standing, 'take', { version, claim: null }), ...purgeEffects(standing), {
    kind: 'redo-add',
    package: standing.package,
    version,
    distribution: standing.distribution,
    binNmu: null,
  });
};
