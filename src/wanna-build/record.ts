// What the store knows of one source package in one distribution on one architecture.
import type { State } from './states.ts';

export interface PackageKey {
  readonly package: string;
  readonly distribution: string;
  readonly architecture: string;
}

export interface PackageRecord extends PackageKey {
  readonly version: string;
  readonly state: State;
  readonly previous_state: State | null;
  /** UTC. */
  readonly state_change: Date;
  readonly builder: string | null;
  /** The number of the last take; 0 where nobody ever took it. A report that carries another one is refused. */
  readonly claim: number;
  readonly section: string | null;
  readonly priority: string | null;
  readonly component: string;
  /** `uncompiled`, `out-of-date`, `related` …; null for none. */
  readonly notes: string | null;
  readonly installed_version: string | null;
  readonly failed: string | null;
  readonly old_failed: string | null;
  /** The list of a Dep-Wait. */
  readonly depends: string | null;
  readonly bd_problem: string | null;
  readonly binary_nmu_version: number | null;
  readonly binary_nmu_changelog: string | null;
  readonly buildpri: number | null;
  readonly permbuildpri: number | null;
  readonly extra_depends: string | null;
  readonly extra_conflicts: string | null;
  readonly rel: string | null;
  /** Absolute path of the .dsc it was registered from; null where the source comes from an archive. */
  readonly source_path: string | null;
  /** Seconds. */
  readonly last_successful_build_time: number | null;
  /** Seconds. */
  readonly last_build_time: number | null;
}

/** A row of the transaction log. */
export interface TransactionRow extends PackageKey {
  readonly time: Date;
  readonly version: string;
  readonly action: string;
  readonly previous_state: State | null;
  readonly state: State;
  readonly real_user: string;
  readonly builder: string | null;
  /** The intent of a buildd home that caused it; null when somebody did it by hand. */
  readonly intent: string | null;
}
