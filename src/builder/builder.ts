// The one interface that all builders have. Rooms above know nothing else of sbuild, dpkg or a command.
import type { BuildJob } from './job.ts';
import type { BuildOutcome } from './outcome.ts';

export interface Builder {
  readonly name: 'sbuild' | 'dpkg' | 'command';
  /**
   * Says in one line why this builder cannot work here (program not installed, no chroot of that name); null when
   * it can.
   */
  unusable(job: Pick<BuildJob, 'distribution' | 'architecture' | 'chroot'>): Promise<string | null>;
  /**
   * Builds one job. Never rejects for what a build does; a build that the signal stopped ends as `aborted`, with its
   * whole process group gone.
   * @param onLog told once, as soon as the log file exists, with its path.
   */
  build(job: BuildJob, signal: AbortSignal, onLog: (path: string) => void): Promise<BuildOutcome>;
}
