// Reading the configuration again while the daemon runs: a broken one is said once and never used.
import { statSync } from 'node:fs';
import { openIntent, type IntentDraft } from '../home/intent.ts';
import { messageOf } from '../platform/errors.ts';
import type { Run } from './run-state.ts';

/** Changes when one of the files does. */
export const stampOf = (files: readonly string[]): string =>
  files
    .map((file) => {
      try {
        const { mtimeMs, ino, size } = statSync(file);
        return `${file} ${mtimeMs} ${ino} ${size}`;
      } catch {
        return `${file} gone`;
      }
    })
    .join('\n');

/** Reads the configuration again when a file of it changed, or on request (USR1). */
export const reloadIfChanged = (run: Run): void => {
  const { world } = run;
  const stamp = stampOf(world.conf().files);
  if (!run.control.takeReloadRequest() && stamp === run.confStamp) return;
  run.confStamp = stamp;
  try {
    const conf = world.readConf();
    world.setConf(conf);
    run.confStamp = stampOf(conf.files);
    run.brokenConfSaid = null;
    world.log.log('read the configuration again');
  } catch (error) {
    const problem = messageOf(error);
    world.log.log(`the configuration is broken, keeping the old one: ${problem}`);
    if (run.brokenConfSaid === problem) return;
    run.brokenConfSaid = problem;
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
  }
};
