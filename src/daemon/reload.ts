// Reading the configuration again while the daemon runs: a broken one is said once and never used.
import { openIntent, type IntentDraft } from '../home/intent.ts';
import { messageOf } from '../platform/errors.ts';
import { confStampOf, confTextOf } from './conf-stamp.ts';
import type { Run } from './run-state.ts';

/** Reads the configuration again when a file of it changed, or on request (USR1). */
export function reloadIfChanged(run: Run): void {
  const { world } = run;
  // Looked at before it is read: what changes in between is read once more.
  const stamp = confStampOf(world);
  const requested = run.control.takeReloadRequest();
  if (!requested && stamp === run.confStamp) return;
  run.confStamp = stamp;
  try {
    const conf = world.readConf();
    const said = confTextOf(conf);
    // An editor touches a file several times over one change.
    const isNew = requested || said !== run.confText || run.brokenConfSaid !== null;
    world.setConf(conf);
    run.confText = said;
    run.usable.clear();
    run.brokenConfSaid = null;
    if (!isNew) return;
    world.log.log('read the configuration again');
    for (const line of conf.notices) world.log.log(line);
  } catch (error) {
    const problem = messageOf(error);
    if (requested || problem !== run.brokenConfSaid) sayBroken(run, problem);
  }
}

const sayBroken = (run: Run, problem: string): void => {
  const { world } = run;
  world.log.log(`the configuration is broken, keeping the old one: ${problem}`);
  if (run.brokenConfSaid === problem) return;
  const draft: IntentDraft = {
    what: 'say that the configuration is broken',
    subject: null,
    effects: [],
    mails: [
      {
        kind: 'notice',
        subject: 'buildd.conf is broken',
        text: `${problem}\n\nThe daemon goes on with the configuration it had.`,
      },
    ],
    refusalMails: [],
  };
  run.openIntents.add(openIntent(world.db, draft, world.clock.now()).number);
  run.brokenConfSaid = problem;
};
