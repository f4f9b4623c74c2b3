// SKIP: what is in it is not built, once. A package that the store still holds as ours is given back, so that nothing
// is Building that nobody builds; the store refuses that where a newer version has come, and all is well.
import type { DistributionConf } from '../config/buildd-conf.ts';
import { openIntent, type IntentDraft } from '../home/intent.ts';
import { removeFromRedo, type RedoEntry } from '../home/redo.ts';
import { isInSkip, takeFromSkip } from '../home/skip.ts';
import type { Run } from './run-state.ts';
import { keyOf, type Taken, type TakenKey } from './taken.ts';

/** Whether something that was taken is in SKIP; then it is out of SKIP and given back. */
export function skipTaken(run: Run, taken: Taken): boolean {
  return skip(run, keyOf(taken), taken.distribution, taken.claim);
}

/** The same for a line of REDO that is not taken again yet. */
export async function skipInRedo(run: Run, entry: RedoEntry, distribution: DistributionConf): Promise<boolean> {
  const { world } = run;
  if (!isInSkip(world.paths, entry)) return false;
  const record = await world.store.info({
    package: entry.package,
    distribution: distribution.dist_name,
    architecture: distribution.built_architecture,
  });
  const isOurs = record?.state === 'Building' && record.version === entry.version;
  return skip(run, entry, distribution, isOurs ? record.claim : 'not ours');
}

const skip = (run: Run, key: TakenKey, distribution: DistributionConf, claim: number | null | 'not ours'): boolean => {
  const { world } = run;
  return world.db.exclusively(() => {
    const { package: name, version } = key;
    const now = world.clock.now();
    if (!takeFromSkip(world.db, world.paths, { package: name, version, distribution: key.distribution })) return false;
    removeFromRedo(world.db, world.paths, key);
    world.log.log(`${name}_${version} (${key.distribution}) is in SKIP: not built`);
    if (claim !== 'not ours') {
      const draft = giveBack({ package: name, version, distribution: key.distribution }, distribution, claim, now);
      run.openIntents.add(openIntent(world.db, draft, now).number);
    }
    return true;
  });
};

const giveBack = (key: TakenKey, distribution: DistributionConf, claim: number | null, now: Date): IntentDraft => {
  const architecture = distribution.built_architecture;
  const { package: name, version } = key;
  return {
    what: `give-back ${name}_${version} (${key.distribution}), which is in SKIP`,
    subject: { ...key, architecture, claim },
    effects: [
      {
        kind: 'store',
        report: {
          ...key,
          action: 'give-back',
          architecture,
          user: distribution.wanna_build_db_user,
          claim,
          message: null,
          buildPriority: null,
        },
      },
      { kind: 'given-back', package: name, version, at: now.toISOString() },
    ],
    mails: [],
    refusalMails: [],
  };
};
