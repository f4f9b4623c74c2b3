// Whether the builder can work, asked before anything is taken: what cannot be built here is left to others.
import type { Builder } from '../builder/builder.ts';
import type { DistributionConf } from '../config/buildd-conf.ts';
import { openIntent, type IntentDraft } from '../home/intent.ts';
import { MailbuilddError, messageOf } from '../platform/errors.ts';
import type { Run } from './run-state.ts';
import type { DaemonWorld } from './world.ts';

interface Look {
  /** The distributions that can be built now. */
  readonly usable: readonly DistributionConf[];
  /** Whether there is something new in the way, which the admin is mailed about. */
  readonly news: boolean;
}

/** Asks the builder for each distribution, once between two sleeps; says what is in the way, once until it changes. */
export async function lookAtBuilders(run: Run): Promise<Look> {
  const { world } = run;
  const { distributions } = world.conf();
  if (distributions.every((one) => run.usable.has(keyOf(one)))) return { usable: usableOf(run), news: false };
  const problems = new Set<string>();
  for (const distribution of distributions) {
    const problem = await problemOf(world, distribution);
    run.usable.set(keyOf(distribution), problem === null);
    if (problem !== null) problems.add(problem);
  }
  const unsaid = [...problems].filter((problem) => !run.unusableSaid.has(problem));
  if (problems.size === 0 && run.unusableSaid.size > 0) world.log.log('the builder can work again');
  run.unusableSaid.clear();
  for (const problem of problems) run.unusableSaid.add(problem);
  for (const problem of unsaid) say(run, problem);
  return { usable: usableOf(run), news: unsaid.length > 0 };
}

const keyOf = ({ dist_name, built_architecture }: DistributionConf): string => `${dist_name} ${built_architecture}`;

const usableOf = (run: Run): DistributionConf[] =>
  run.world.conf().distributions.filter((one) => run.usable.get(keyOf(one)) === true);

const problemOf = async (world: DaemonWorld, distribution: DistributionConf): Promise<string | null> => {
  let builder: Builder;
  try {
    builder = world.builder(world.conf());
  } catch (error) {
    if (error instanceof MailbuilddError) return messageOf(error);
    throw error;
  }
  return builder.unusable({
    distribution: distribution.dist_name,
    architecture: distribution.built_architecture,
    chroot: distribution.sbuild_chroot ?? null,
  });
};

const say = (run: Run, problem: string): void => {
  const { world } = run;
  world.log.log(`Builder cannot work: ${problem}; nothing is taken for it`);
  const draft: IntentDraft = {
    what: 'say that the builder cannot work',
    subject: null,
    effects: [],
    mails: [
      {
        kind: 'notice',
        subject: `Builder cannot work: ${problem.length > 120 ? `${problem.slice(0, 120)}…` : problem}`,
        text: `${problem}\n\nNothing is taken that it would have to build. The daemon looks again before each try.`,
      },
    ],
    refusalMails: [],
  };
  run.openIntents.add(openIntent(world.db, draft, world.clock.now()).number);
};
