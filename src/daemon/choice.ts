// What to build next. Pure: everything it needs is handed in, so the order of REDO, distributions, weak packages
// and give-back delays can be tested without a store.
import type { DistributionConf } from '../config/buildd-conf.ts';
import type { GivenBack } from '../home/given-back.ts';
import type { RedoEntry } from '../home/redo.ts';
import type { Waiting } from '../home/waiting.ts';
import type { ListedPackage } from '../wanna-build/client.ts';
import { eligibility, type Filters } from './filters.ts';

/** The first REDO entry of the first distribution that has one; entries of other distributions are left alone. */
export function nextRedo(
  distributions: readonly Pick<DistributionConf, 'dist_name'>[],
  entries: readonly RedoEntry[],
): RedoEntry | null {
  for (const { dist_name } of distributions) {
    const entry = entries.find((candidate) => candidate.distribution === dist_name);
    if (entry !== undefined) return entry;
  }
  return null;
}

export interface ListedDistribution {
  readonly distribution: DistributionConf;
  readonly filters: Filters;
  /** In the store's order. */
  readonly packages: readonly ListedPackage[];
}

export interface ChoiceState {
  /** In configured order. */
  readonly listed: readonly ListedDistribution[];
  readonly givenBack: readonly GivenBack[];
  /** Minutes. */
  readonly delayAfterGiveBack: number;
  readonly waiting: readonly Waiting[];
  /** `NAME_VERSION DIST` of what was refused lately or is taken already. */
  readonly leaveOut: ReadonlySet<string>;
  readonly maxBuild: number;
  readonly now: Date;
}

export interface Choice {
  readonly distribution: DistributionConf;
  /** At most max_build. */
  readonly packages: readonly ListedPackage[];
}

/**
 * What to take from the store: from the first distribution that has something, at most max_build; weak packages only
 * when no distribution has anything else.
 */
export function nextFromStore(state: ChoiceState): Choice | null {
  for (const wanted of ['take', 'weak'] as const) {
    for (const { distribution, filters, packages } of state.listed) {
      const chosen = packages
        .filter((listed) => eligibility(filters, listed.package, listed.line) === wanted)
        .filter((listed) => !isHeldBack(state, distribution, listed));
      if (chosen.length > 0) return { distribution, packages: chosen.slice(0, state.maxBuild) };
    }
  }
  return null;
}

const isHeldBack = (state: ChoiceState, distribution: DistributionConf, listed: ListedPackage): boolean => {
  const delay = state.delayAfterGiveBack * 60_000;
  return (
    state.leaveOut.has(`${listed.package}_${listed.version} ${distribution.dist_name}`) ||
    state.givenBack.some(
      (entry) =>
        entry.package === listed.package &&
        entry.version === listed.version &&
        state.now.getTime() - entry.at.getTime() < delay,
    ) ||
    state.waiting.some(
      (entry) =>
        entry.package === listed.package &&
        entry.distribution === distribution.dist_name &&
        entry.architecture === distribution.built_architecture &&
        entry.version === listed.version,
    )
  );
};
