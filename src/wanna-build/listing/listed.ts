// What a listing asks for, and what it shows of a package.
import type { PackageRecord } from '../record.ts';
import type { State } from '../states.ts';

/** A record with what is calculated from it. */
export interface Listed {
  readonly record: PackageRecord;
  readonly calculatedPriority: number;
  readonly days: number;
  /** Since the last change of state. */
  readonly seconds: number;
  /** `PRIORITY:NOTES…:days{N}`. */
  readonly bracket: string;
}

export interface ListQuery {
  readonly state: State | 'all';
  /** Only this builder's, and what `USER-host` took; never filters Needs-Build. */
  readonly user: string | null;
  /** Days in the state. */
  readonly minAge: number | null;
  readonly maxAge: number | null;
  /** Order letters; null: the default of the state. */
  readonly order: string | null;
  readonly api: 0 | 1 | 2;
}
