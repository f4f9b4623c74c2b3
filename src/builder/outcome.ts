// How a build ended, in words that say whose fault it is.

/** successful; attempted: the package's fault; given-back: nobody's (source not fetched, build dependencies not
 * installable); failed: a local problem; aborted: we ended it. */
export type Result = 'successful' | 'attempted' | 'given-back' | 'failed' | 'aborted';

export interface BuildOutcome {
  readonly result: Result;
  /** sbuild's word for the stage that failed (`build`, `install-deps`, `fetch-src`, `arch-check` …); null: none did. */
  readonly failStage: string | null;
  /** One line for people where the summary does not say it all: `no output for 7200 s, stopped`; else null. */
  readonly remark: string | null;
  /** Absolute path; null when it ended before there was a log. */
  readonly logFile: string | null;
  /** Name of the .changes in the build directory; null without one. */
  readonly changesFile: string | null;
  /** UTC. */
  readonly started: Date;
  readonly finished: Date;
  /** KiB; null where it is not known. */
  readonly diskUsed: number | null;
}
