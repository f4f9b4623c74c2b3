// What a signed .changes does: into the upload queues, or why not. Pure. Must never queue a part of an upload: every
// distribution and every file is right, or nothing happens.
import { isFileName } from '../../../debian/names.ts';
import type { Changes } from '../../../debian/changes.ts';
import type { Effect } from '../../../home/effect.ts';
import { changesName } from '../../../home/result-files.ts';
import type { Standing } from './standing.ts';
import { newerThanMeant, refusalOf } from './state-check.ts';
import { purgeEffects, refused, type Verdict } from './verdict.ts';

export interface ChangesFacts {
  readonly changes: Changes;
  /** As it is put into the queue: the clear signed text where the mail has one. */
  readonly text: string;
  /** One for each word of its Distribution field that this home builds, with that distribution's queue directory. */
  readonly standings: readonly { readonly standing: Standing; readonly queue: string }[];
  /** What is wrong with the files that it names; empty where all are whole in build/. */
  readonly problems: readonly string[];
}

/** The effects of a signed .changes, or why not. Who signed it is checked before. */
export function answerChanges({ changes, text, standings, problems }: ChangesFacts): Verdict {
  const foreign = changes.distributions.filter(
    (name) => !standings.some(({ standing }) => standing.distribution === name),
  );
  if (foreign.length > 0) {
    return refused(
      `The .changes is for ${foreign.join(' ')}, which is not built here for ${changes.architectures.join(' ')}.`,
    );
  }
  const outdated = standings.filter(({ standing }) => newerThanMeant(standing) !== null);
  if (outdated.length > 0)
    return refused(
      outdatedReason(
        changes,
        outdated.map(({ standing }) => standing),
      ),
    );
  for (const { standing } of standings) {
    const refusal = refusalOf(standing, null);
    if (refusal !== null) return refused(refusal);
  }
  if (problems.length > 0)
    return refused(`The files of the .changes are not all as it says: ${problems.slice(0, 20).join('; ')}.`);
  const [first] = standings;
  if (first === undefined) return refused('The .changes names no distribution.');
  const queue: Effect = {
    kind: 'queue',
    queues: [...new Set(standings.map((entry) => entry.queue))],
    files: changes.files,
    changes: { name: fileNameOf(changes, first.standing), text },
  };
  const purged = standings.flatMap(({ standing }) => purgeEffects(standing));
  return { kind: 'effects', effects: [queue, ...unique(purged)] };
}

const outdatedReason = (changes: Changes, outdated: readonly Standing[]): string => {
  const newer = outdated.map((s) => `${s.distribution} has version ${newerThanMeant(s) ?? ''} now`).join(', ');
  const name = `${changes.source}_${changes.version}`;
  const left = changes.distributions.filter((distribution) => !outdated.some((s) => s.distribution === distribution));
  if (left.length === 0) return `${name} is outdated: ${newer}.`;
  return `${name} is outdated for a part of its distributions: ${newer}. Send it, signed again, with the line "Distribution: ${left.join(' ')}".`;
};

// As the builder named it; else as policy §5.6.12 has it.
const fileNameOf = (changes: Changes, standing: Standing): string => {
  const built = standing.build?.end?.changesFile ?? null;
  if (built?.startsWith(`${changes.source}_`) && built.endsWith('.changes') && isFileName(built)) return built;
  return changesName(changes.source, changes.version, standing.architecture);
};

const unique = (effects: readonly Effect[]): Effect[] => {
  const byText = new Map(effects.map((effect) => [JSON.stringify(effect), effect]));
  return [...byText.values()];
};
