// From a signed .changes to a plan: looks at its files and at every distribution that it names. Changes nothing.
import { parseChanges } from '../../../debian/changes.ts';
import { queueDirectory } from '../../../home/carry-out.ts';
import { foreignFiles } from '../../../home/foreign-files.ts';
import { problemOf } from '../../../home/result-files.ts';
import { DataError, messageOf } from '../../../platform/errors.ts';
import { textUnderSignature } from '../signature/clearsigned.ts';
import { answerChanges } from './effects-of-changes.ts';
import { planEffects, type AnswerPorts } from './plan-effects.ts';
import { refusedAdmin, type Plan } from './plan.ts';
import { distributionsMeant, standingOf, type Standing } from './standing.ts';
import type { Understood } from '../understood.ts';

/**
 * The plan for a signed .changes that is proven.
 * @throws UnavailableError when the store cannot be reached.
 */
export const planChanges = async (understood: Understood, ports: AnswerPorts): Promise<Plan> => {
  const { changes: approved } = understood;
  if (approved === null) return refusedAdmin(understood, 'The mail holds no signed .changes.');
  const text = Buffer.from(approved.bytes).toString('utf8');
  if (!Buffer.from(text).equals(approved.bytes))
    return refusedAdmin(understood, 'The .changes is not UTF-8 (policy §5.1).');
  try {
    const changes = parseChanges(textUnderSignature(Buffer.from(approved.bytes)), 'the .changes');
    const meant = changes.distributions.flatMap((name) =>
      distributionsMeant(ports.conf(), name, null).filter((entry) =>
        changes.architectures.includes(entry.built_architecture),
      ),
    );
    // `amd64 all` in one .changes: the build is amd64's.
    const chosen = changes.distributions.flatMap((name) => {
      const entries = meant.filter((entry) => entry.dist_name === name);
      return entries.find((entry) => entry.built_architecture !== 'all') ?? entries[0] ?? [];
    });
    const standings: { standing: Standing; queue: string }[] = [];
    for (const entry of chosen) {
      standings.push({
        standing: await standingOf(ports, entry, { package: changes.source, version: changes.version }),
        queue: entry.dupload_local_queue_dir,
      });
    }
    const queues = [...new Set(standings.map(({ queue }) => queueDirectory(ports.paths, queue)))];
    const problems = [
      ...changes.files.map((file) => problemOf(ports.paths.build, file)).filter((problem) => problem !== null),
      ...foreignFiles(changes, [ports.paths.build, ...queues]),
    ];
    const verdict = answerChanges({ changes, text, standings, problems });
    const [first, ...others] = standings.map(({ standing }) => standing);
    if (verdict.kind !== 'effects' || first === undefined)
      return refusedAdmin(understood, verdict.kind === 'effects' ? 'nothing to upload' : verdict.reason);
    return planEffects(understood, first, verdict, ports, others);
  } catch (error) {
    if (error instanceof DataError) return refusedAdmin(understood, `${messageOf(error)}.`);
    throw error;
  }
};
