// What is known of a source when it enters the store.

/** What an index or a .dsc says of a source. */
export interface SourceEntry {
  readonly version: string;
  readonly section: string | null;
  readonly priority: string | null;
  readonly component: string;
  /** `uncompiled`, `out-of-date` … */
  readonly notes: string;
  /** Absolute path of the .dsc it was registered from; null: it is in an archive. */
  readonly source_path: string | null;
}
