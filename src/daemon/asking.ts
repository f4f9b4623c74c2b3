// "Should I build": what failed in the version before is not built unasked. It stays taken and waits for the answer.
import { askAboutBuild } from '../home/builds.ts';
import { openIntent, type IntentDraft } from '../home/intent.ts';
import { startWaiting } from '../home/waiting.ts';
import type { Run } from './run-state.ts';
import { keyOf, type Taken, type TakenKey } from './taken.ts';

/** Whether the admin is to be asked before this is built. */
export function mustAsk(run: Run, taken: Taken): boolean {
  return taken.previous_failed !== null && run.world.conf().should_build_msgs;
}

export interface Question extends TakenKey {
  readonly architecture: string;
  readonly builderUser: string;
  readonly claim: number | null;
  /** Why the version before failed, where that is known. */
  readonly reason: string | null;
}

/** The question about something that was taken. */
export function questionOf(taken: Taken): Question {
  return {
    ...keyOf(taken),
    architecture: taken.distribution.built_architecture,
    builderUser: taken.distribution.wanna_build_db_user,
    claim: taken.claim,
    reason: taken.previous_failed?.reason ?? null,
  };
}

/** Writes down that it waits, and that the admin is asked. */
export function ask(run: Run, { reason, builderUser, ...subject }: Question): void {
  const { world } = run;
  const now = world.clock.now();
  const { package: name, version, distribution } = subject;
  const intent = world.db.exclusively(() => {
    startWaiting(world.db, subject, now);
    const take = { mailLogs: null, suppressSuccessfulLogs: false };
    const build = askAboutBuild(world.db, { ...subject, builderUser, binNmu: null, take }, now);
    const draft: IntentDraft = {
      what: `ask whether to build ${name}_${version} (${distribution})`,
      subject,
      effects: [],
      mails: [{ kind: 'should-build', build, reason }],
      refusalMails: [],
    };
    return openIntent(world.db, draft, now);
  });
  run.openIntents.add(intent.number);
}
