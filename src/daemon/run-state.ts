// What the loop remembers while it runs; nothing of it must survive a crash.
import type { Built } from './build-one.ts';
import { confStampOf, confTextOf } from './conf-stamp.ts';
import type { Control } from './control.ts';
import { noProblems, type LocalProblems } from './local-problems.ts';
import { createMailer, type Mailer } from './mailer.ts';
import type { Taken } from './taken.ts';
import type { DaemonWorld } from './world.ts';

/** Why the loop ends: told to, or the program on disk is another one. */
export type End = 'stopped' | 'replaced';

export interface Run {
  readonly world: DaemonWorld;
  readonly control: Control;
  readonly mailer: Mailer;
  /** Taken, not begun yet: the rest of max_build, or what a full disk kept from being begun. */
  readonly taken: Taken[];
  readonly running: Set<Promise<void>>;
  /** Intents of this process that could not be carried out yet. */
  readonly openIntents: Set<number>;
  /** Intents that were refused and are to be looked at: their packages may still be Building by us. */
  readonly refusedIntents: Set<number>;
  /** Which builders can work, by distribution, until the next sleep. */
  readonly usable: Map<string, boolean>;
  /** Why builders cannot work, as it was said. */
  readonly unusableSaid: Set<string>;
  /** Lines of REDO for distributions that are not built here, as they were said. */
  readonly foreignRedoSaid: Set<string>;
  /** Refused takes, until the next sleep. */
  readonly refused: Set<string>;
  problems: LocalProblems;
  /** The last of too many local problems, until the pause for it has begun. */
  mess: Built | null;
  /** Nothing new is begun before this time. */
  pausedUntil: Date | null;
  /** Nothing new is begun any more; the loop ends when the builds have. */
  leaving: End | null;
  lowSpaceSaid: boolean;
  brokenConfSaid: string | null;
  confStamp: string;
  /** What the configuration says, for noticing that it says something else. */
  confText: string;
  readonly programStamp: string;
  /** Something that no build may throw was thrown by one. */
  defect: { readonly thrown: unknown } | null;
}

/** The state of a loop that begins. */
export function newRun(world: DaemonWorld, control: Control): Run {
  const { clock, log } = world;
  return {
    world,
    control,
    mailer: createMailer({ sendMail: () => world.sendMail(), clock, log, onNext: () => control.wake() }),
    taken: [],
    running: new Set(),
    openIntents: new Set(),
    refusedIntents: new Set(),
    usable: new Map(),
    unusableSaid: new Set(),
    foreignRedoSaid: new Set(),
    refused: new Set(),
    problems: noProblems,
    mess: null,
    pausedUntil: null,
    leaving: null,
    lowSpaceSaid: false,
    brokenConfSaid: null,
    confStamp: confStampOf(world),
    confText: confTextOf(world.conf()),
    programStamp: world.programStamp(),
    defect: null,
  };
}
