// What the rules answer, and the effects that several of them share. Pure.
import type { Effect } from '../../../home/effect.ts';
import type { StoreReport } from '../../../home/store-port.ts';
import type { PackageRecord } from '../../../wanna-build/record.ts';
import type { Standing } from './standing.ts';

export type Verdict =
  | { readonly kind: 'effects'; readonly effects: readonly Effect[] }
  | { readonly kind: 'refused'; readonly reason: string }
  /** What is asked for is the case already: the sender is told, and the mail can still be answered. */
  | { readonly kind: 'nothing'; readonly reason: string };

/** Not to be done, for this reason. */
export const refused = (reason: string): Verdict => ({ kind: 'refused', reason });
/** Nothing to be done: it is so already. */
export const nothing = (reason: string): Verdict => ({ kind: 'nothing', reason });
/** To be done, in this order. */
export const effects = (...list: readonly Effect[]): Verdict => ({ kind: 'effects', effects: list });

/** A report to the store about this build, with the claim that the store knows now. */
export const report = (
  standing: Standing,
  action: StoreReport['action'],
  more: Partial<Pick<StoreReport, 'message' | 'buildPriority' | 'version' | 'claim'>> = {},
): Effect => ({
  kind: 'store',
  report: {
    action,
    package: standing.package,
    version: standing.version,
    distribution: standing.distribution,
    architecture: standing.architecture,
    user: standing.user,
    // 0: a server that counts no takes.
    claim: standing.record === null || standing.record.claim === 0 ? null : standing.record.claim,
    message: null,
    buildPriority: null,
    ...more,
  },
});

/** The package as a line of REDO names it: by the source's version. */
export const inRedo = (standing: Standing): { package: string; version: string; distribution: string } => ({
  package: standing.package,
  version: standing.record?.version ?? standing.version,
  distribution: standing.distribution,
});

/** The binNMU that is scheduled; null where none is. */
export const binNmuOf = (record: PackageRecord | null): { number: number; changelog: string } | null =>
  record?.binary_nmu_version
    ? { number: record.binary_nmu_version, changelog: record.binary_nmu_changelog ?? '' }
    : null;

/** Out of REDO, its results in build/ deleted, its build directories into PURGE. */
export function purgeEffects(standing: Standing): Effect[] {
  const { package: name, version, architecture } = standing;
  return [
    { kind: 'redo-remove', ...inRedo(standing) },
    { kind: 'purge-results', package: name, version, architecture },
    ...standing.directories.map((directory): Effect => ({ kind: 'purge-directory', name: directory })),
  ];
}
