// What this home asks of the build-state store, as plain data. The store's clients implement it; intents keep it
// as JSON until it is carried out.

/** A change of state that is reported to the store. */
export interface StoreReport {
  readonly action:
    | 'built'
    | 'attempted'
    | 'uploaded'
    | 'failed'
    | 'dep-wait'
    | 'give-back'
    | 'no-build'
    /** Takes (again): the retry of what is ours, or a newer version (`newvers`). */
    | 'take';
  readonly package: string;
  /** With `+bN` where binaries of a binNMU are meant. */
  readonly version: string;
  readonly distribution: string;
  readonly architecture: string;
  /** The builder name under which it was taken (`wanna_build_db_user`). */
  readonly user: string;
  /** The number of the take that this report belongs to; null where it is not known. */
  readonly claim: number | null;
  /** Fail reason, dep-wait list; null for the others. */
  readonly message: string | null;
  /** Build priority to set together with a give-back; null leaves it. */
  readonly buildPriority: number | null;
}

export type StoreAnswer =
  /** Done now, or found done by the same intent before. `claim` is the row's claim after it. */
  | { readonly kind: 'done'; readonly claim: number; readonly notes: readonly string[] }
  /** One line that says why, in wanna-build's words. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface StorePort {
  /**
   * Carries out one report, exactly once for an intent id: a second call with the same id changes nothing and
   * answers as the first did.
   * @throws UnavailableError when the store cannot be reached (the intent stays open and is tried again).
   */
  report(report: StoreReport, intentId: string): Promise<StoreAnswer>;
}
