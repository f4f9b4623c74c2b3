// A report that the store refused: said with its reason. A package that the store still holds as Building by us must
// not stay so in silence: it is built again once, and where that is refused in the same words, the admin decides.
import { openIntent, refusedIntent, type IntentDraft, type RefusedIntent } from '../home/intent.ts';
import { addToRedo } from '../home/redo.ts';
import type { PackageRecord } from '../wanna-build/record.ts';
import type { Run } from './run-state.ts';

/** Looks at every refused intent of this run, once. */
export async function lookAtRefused(run: Run): Promise<void> {
  for (const number of run.refusedIntents) {
    const refused = refusedIntent(run.world.db, number);
    if (refused !== null) await lookAt(run, refused);
    run.refusedIntents.delete(number);
  }
}

const lookAt = async (run: Run, refused: RefusedIntent): Promise<void> => {
  const { world } = run;
  const { what, subject, refusal, before } = refused;
  const said = `${what}: refused by the store: ${refusal}`;
  const record = subject === null ? null : await world.store.info(subject);
  if (subject === null || !isStillOurs(run, subject, record)) {
    world.log.log(said);
    return;
  }
  if (before > 0) {
    world.log.log(`${said}; it stays Building by us, the admin is told`);
    run.openIntents.add(openIntent(world.db, stuckMail(subject, refusal), world.clock.now()).number);
    // The loop mails it before it sleeps.
    run.control.wake();
    return;
  }
  const { package: name, version, distribution } = subject;
  addToRedo(world.db, world.paths, { package: name, version, distribution, binNmu: null });
  world.log.log(`${said}; it is still Building by us: into REDO`);
};

type Subject = NonNullable<RefusedIntent['subject']>;

const isStillOurs = ({ world }: Run, subject: Subject, record: PackageRecord | null): boolean => {
  if (record?.state !== 'Building' || record.version !== subject.version) return false;
  if (subject.claim !== null) return record.claim === subject.claim;
  const { distributions } = world.conf();
  const own = distributions.find(
    (one) => one.dist_name === subject.distribution && one.built_architecture === subject.architecture,
  );
  return record.builder === own?.wanna_build_db_user;
};

const stuckMail = ({ package: name, version, distribution }: Subject, refusal: string): IntentDraft => ({
  what: `say that the result of ${name}_${version} (${distribution}) is refused again and again`,
  subject: null,
  effects: [],
  mails: [
    {
      kind: 'notice',
      subject: `${name}_${version} stays Building (dist=${distribution})`,
      text: [
        `The store refused the result of ${name}_${version} for ${distribution} twice, in the same words:`,
        '',
        `  ${refusal}`,
        '',
        'It is not built a third time and stays Building. When the reason is gone, give it back with',
        '',
        `  wanna-build --give-back -d ${distribution} ${name}_${version}`,
        '',
        `or have it built again by a line in build/REDO: ${name}_${version} ${distribution}`,
      ].join('\n'),
    },
  ],
  refusalMails: [],
});
