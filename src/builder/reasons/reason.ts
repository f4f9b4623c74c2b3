// What a likely reason of a failed build is, and what a rule that finds one looks like.

export interface Reason {
  /** A stable word: `missing-build-dependency`, `compiler-error` … */
  readonly id: string;
  /** For people: `a build dependency is missing or too old`. */
  readonly title: string;
  /** The lines of the log that show it, at most five. */
  readonly lines: readonly string[];
  /** The answer that fits, ready to copy; null where the admin has to judge (mostly `fail`). */
  readonly proposal: { readonly answer: string } | null;
}

/**
 * Causes that lie outside of the package hide whatever the package prints, so they come first; of two that lie in
 * the package the one that shows later in the log counts; general ones are for when nothing else is known.
 */
export type Rank = 'outside' | 'package' | 'general';

export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly rank: Rank;
  /** Lines that show it; each linear in its input, which is at most 4,100 characters. */
  readonly shows: readonly RegExp[];
  /** Only when the build failed in one of these stages (or nobody knows in which); null: in any. */
  readonly stages: readonly string[] | null;
  /** `retry`: build it here once more; `elsewhere`: another machine may do better (`giveback`). */
  readonly proposes: 'dep-wait' | 'retry' | 'elsewhere' | null;
}
