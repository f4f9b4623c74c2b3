// What can be asked of a package, and what comes of it: the plain data in and out of the state machine.
import type { PackageKey, PackageRecord, TransactionRow } from '../record.ts';
import type { SourceEntry } from './source-entry.ts';

// One member for each kind, so that a switch over them narrows.
type VersionEvent<Kind extends string> = Kind extends string
  ? { readonly kind: Kind; readonly version: string }
  : never;

/** One command for one package. `version` is as it was given, perhaps with `+bN`. */
export type TransitionEvent =
  | VersionEvent<
      'take' | 'built' | 'attempted' | 'uploaded' | 'give-back' | 'no-build' | 'adjust' | 'update' | 'forget'
    >
  | { readonly kind: 'failed'; readonly version: string; readonly reason: string }
  | { readonly kind: 'dep-wait'; readonly version: string; readonly list: string }
  | {
      readonly kind: 'binNMU';
      readonly version: string;
      /** 0 cancels a scheduled one. */
      readonly number: number;
      readonly changelog: string | null;
    }
  /** Registers a source that is not in an archive index. */
  | { readonly kind: 'add'; readonly source: SourceEntry };

/** What may be set together with any change. */
export type Adjustments = Partial<
  Pick<PackageRecord, 'extra_depends' | 'extra_conflicts' | 'buildpri' | 'permbuildpri'>
>;

/** Where a package goes that (re-)enters the queue: to BD-Uninstallable where an installability check has run. */
export type Queue = 'Needs-Build' | 'BD-Uninstallable';

export interface TransitionContext {
  readonly key: PackageKey;
  /** UTC. */
  readonly time: Date;
  /** The builder's name. */
  readonly user: string;
  /** Who really asks, for the transaction log. */
  readonly realUser: string;
  readonly override: boolean;
  /** The take that a report belongs to; null: it was not said. */
  readonly claim: number | null;
  readonly queue: Queue;
  readonly adjustments: Adjustments;
  /** The intent of a buildd home; null when somebody does it by hand. */
  readonly intent: string | null;
}

export type Transition =
  | {
      readonly kind: 'changed';
      /** Null: the row is to be removed. */
      readonly record: PackageRecord | null;
      readonly transaction: TransactionRow;
      /** Lines that are always shown. */
      readonly notes: readonly string[];
      /** Lines for `--verbose`. */
      readonly remarks: readonly string[];
      /** The last line for `--verbose`. */
      readonly reply: string;
    }
  /** Done already, nothing to write. */
  | {
      readonly kind: 'unchanged';
      readonly record: PackageRecord;
      readonly notes: readonly string[];
      readonly reply: string;
    }
  | {
      readonly kind: 'refused';
      /** Why; without the package's name, perhaps of several lines. */
      readonly reason: string;
      /** What a user reads. */
      readonly lines: readonly string[];
      readonly notes: readonly string[];
    };
