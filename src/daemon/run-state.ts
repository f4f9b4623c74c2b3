// What the loop remembers while it runs; nothing of it must survive a crash.
import type { Built, Taken } from './build-one.ts';
import type { Control } from './control.ts';
import type { LocalProblems } from './local-problems.ts';
import type { DaemonWorld } from './world.ts';

export interface Run {
  readonly world: DaemonWorld;
  readonly control: Control;
  /** Taken together (max_build > 1), not begun yet. */
  readonly taken: Taken[];
  readonly running: Set<Promise<void>>;
  /** Intents of this process that the store could not be told yet. */
  readonly openIntents: Set<number>;
  /** Refused takes, until the next sleep. */
  readonly refused: Set<string>;
  problems: LocalProblems;
  mess: Built | null;
  lowSpaceSaid: boolean;
  brokenConfSaid: string | null;
  confStamp: string;
  readonly programStamp: string;
}
