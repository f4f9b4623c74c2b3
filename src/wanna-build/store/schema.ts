// The tables of the store, for Kysely. Times are RFC 3339 text in UTC with milliseconds: it sorts as time does and
// means the same in every database.
import type { Generated } from 'kysely';
import type { State } from '../states.ts';

export interface PackagesTable {
  package: string;
  distribution: string;
  architecture: string;
  version: string;
  state: State;
  previous_state: State | null;
  state_change: string;
  builder: string | null;
  claim: number;
  section: string | null;
  priority: string | null;
  component: string;
  notes: string | null;
  installed_version: string | null;
  failed: string | null;
  old_failed: string | null;
  depends: string | null;
  bd_problem: string | null;
  binary_nmu_version: number | null;
  binary_nmu_changelog: string | null;
  buildpri: number | null;
  permbuildpri: number | null;
  extra_depends: string | null;
  extra_conflicts: string | null;
  rel: string | null;
  source_path: string | null;
  last_successful_build_time: number | null;
  last_build_time: number | null;
  /** Counts the row's changes: what a guarded update compares. */
  change: number;
}

export interface TransactionsTable {
  id: Generated<number>;
  time: string;
  package: string;
  distribution: string;
  architecture: string;
  version: string;
  action: string;
  previous_state: State | null;
  state: State;
  real_user: string;
  builder: string | null;
  intent: string | null;
}

/** What a report of a buildd home was answered: a second one with the same intent gets the same answer. */
export interface ReportsTable {
  intent: string;
  package: string;
  distribution: string;
  architecture: string;
  time: string;
  /** A StoreAnswer as JSON. */
  answer: string;
}

/** When a merge with an installability check last ran: from then on the queue begins at BD-Uninstallable. */
export interface InstallabilityChecksTable {
  distribution: string;
  architecture: string;
  time: string;
}

export interface StoreSchema {
  packages: PackagesTable;
  transactions: TransactionsTable;
  reports: ReportsTable;
  installability_checks: InstallabilityChecksTable;
}
