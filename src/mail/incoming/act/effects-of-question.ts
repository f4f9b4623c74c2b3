// What an answer to "Should I build" does. Pure.
import type { Effect } from '../../../home/effect.ts';
import type { PackageRecord } from '../../../wanna-build/record.ts';
import { newestOldFailure } from '../../../wanna-build/transition/step.ts';
import type { Standing } from './standing.ts';
import { refusalOf } from './state-check.ts';
import { binNmuOf, effects, inRedo, refused, report, type Verdict } from './verdict.ts';

export type ShouldBuildAnswer =
  | { readonly action: 'build' | 'no-build' }
  /** Null: the reason it had before. */
  | { readonly action: 'fail'; readonly reason: string | null }
  | { readonly action: 'give-back'; readonly priority: number | null };

/** The effects of an answer to "Should I build", or why not. */
export function answerShouldBuild(answer: ShouldBuildAnswer, standing: Standing, claim: number | null): Verdict {
  const refusal = refusalOf(standing, claim);
  if (refusal !== null) return refused(refusal);
  const { package: name, distribution, architecture } = standing;
  const noLonger: Effect = { kind: 'stop-waiting', package: name, distribution, architecture };
  switch (answer.action) {
    case 'build':
      return effects({ kind: 'redo-add', ...inRedo(standing), binNmu: binNmuOf(standing.record) }, noLonger);
    case 'fail':
      return effects(report(standing, 'failed', { message: answer.reason ?? oldReason(standing.record) }), noLonger);
    case 'no-build':
      return effects(report(standing, 'no-build'), noLonger);
    case 'give-back':
      return effects(report(standing, 'give-back', { buildPriority: answer.priority }), noLonger);
  }
}

/** The newest of the reasons that the package failed with before. */
export function oldReason(record: PackageRecord | null): string {
  return newestOldFailure(record?.old_failed ?? null)?.reason.trim() ?? 'Failed in the previous version';
}
