// The single steps of an intent. Each is plain data, and carrying one out twice is the same as once.
import type { StoreReport } from './store-port.ts';

/** A file with its size in bytes and SHA-256 (64 lower-case hex digits). */
export interface FileFact {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

export type Effect =
  | { readonly kind: 'store'; readonly report: StoreReport }
  /** A line into build/REDO, unless the same package and distribution is there. */
  | {
      readonly kind: 'redo-add';
      readonly package: string;
      readonly version: string;
      readonly distribution: string;
      readonly binNmu: { readonly number: number; readonly changelog: string } | null;
    }
  | { readonly kind: 'redo-remove'; readonly package: string; readonly version: string; readonly distribution: string }
  | { readonly kind: 'skip-add'; readonly package: string; readonly version: string; readonly distribution: string }
  /** `NAME_VERSION EPOCH-SECONDS` into SBUILD-GIVEN-BACK: the start of its delay. */
  | { readonly kind: 'given-back'; readonly package: string; readonly version: string; readonly at: string }
  /** Deletes results of a build in build/: the .changes of that name and what it names. */
  | {
      readonly kind: 'purge-results';
      readonly package: string;
      readonly version: string;
      readonly architecture: string;
    }
  /** A directory of build/ into PURGE. */
  | { readonly kind: 'purge-directory'; readonly name: string }
  /** Files from build/ into each queue directory (of the home), the .changes (this text) last; then out of build/. */
  | {
      readonly kind: 'queue';
      readonly queues: readonly string[];
      readonly files: readonly FileFact[];
      readonly changes: { readonly name: string; readonly text: string };
    }
  /** An upload with all its files out of the queue directories that have it. */
  | { readonly kind: 'unqueue'; readonly queues: readonly string[]; readonly changes: string }
  /** The copies of the log mail of a build whose approved upload was called back can be answered again. */
  | { readonly kind: 'reopen-letters'; readonly build: number }
  /** Ends the wait of "Should I build". */
  | {
      readonly kind: 'stop-waiting';
      readonly package: string;
      readonly distribution: string;
      readonly architecture: string;
    };
