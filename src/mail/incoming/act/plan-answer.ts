// From an admin's authenticated answer to a plan: looks up where the package stands and asks the pure rules. Changes
// nothing. Must never act for a distribution or architecture that this home does not build.
import type { DistributionConf } from '../../../config/buildd-conf.ts';
import { withoutEpoch } from '../../../debian/version.ts';
import { buildByNumber } from '../../../home/builds.ts';
import { assertNever } from '../../../platform/errors.ts';
import { helpText } from '../../outgoing/answers.ts';
import { answerLog, type Answer } from './effects-of-answer.ts';
import { answerShouldBuild, type ShouldBuildAnswer } from './effects-of-question.ts';
import { planChanges } from './plan-changes.ts';
import { planEffects, type AnswerPorts } from './plan-effects.ts';
import { accepted, answerTo, refusedAdmin, type Plan } from './plan.ts';
import { distributionsMeant, queuedUploads, queueNames, standingOf, type Standing } from './standing.ts';
import { statusText } from './status-text.ts';
import type { Understood } from '../understood.ts';
import type { Verdict } from './verdict.ts';

/**
 * The plan for an answer that is proven and understood: to a log mail, to "Should I build", or a block of a digest's.
 * @throws UnavailableError when the store cannot be reached.
 */
export async function planAnswer(understood: Understood, ports: AnswerPorts): Promise<Plan> {
  if (understood.action === 'help') return told(understood, 'help', helpText());
  if (understood.kind === 'digest-reply')
    return refusedAdmin(understood, 'No digest was sent that lists this build; answer its own log mail.');
  if (understood.action === 'changes') return planChanges(understood, ports);
  const distribution = distributionOf(understood, ports);
  if (typeof distribution === 'string') return refusedAdmin(understood, distribution);
  const { package: name, version } = understood;
  if (name === null || version === null) return refusedAdmin(understood, 'The subject names no package and version.');
  const standing = await standingOf(ports, distribution, { package: name, version });
  if (understood.action === 'status') return told(understood, 'status', statusText(standing));
  const verdict = verdictOn(understood, standing, ports);
  switch (verdict.kind) {
    case 'refused':
      return refusedAdmin(understood, verdict.reason);
    case 'nothing':
      return told(understood, understood.action, verdict.reason);
    case 'effects':
      return planEffects(understood, standing, verdict, ports);
    default:
      return assertNever(verdict);
  }
}

// Only a mail comes of it: nothing changes, and the mail that is answered can be answered again.
const told = (understood: Understood, what: string, text: string): Plan =>
  accepted(understood, what, { subject: null, effects: [], mails: answerTo(understood.mail, text), answers: null });

// The one distribution that is meant, or why there is none.
const distributionOf = (understood: Understood, ports: AnswerPorts): DistributionConf | string => {
  const { dist } = understood;
  if (dist === null) return 'The subject names no distribution.';
  const built = understood.token === null ? null : buildByNumber(ports.db, understood.token.build);
  const architecture = understood.architecture ?? built?.architecture ?? null;
  const [one, ...others] = distributionsMeant(ports.conf(), dist, architecture);
  if (one === undefined) return `${dist}${architecture === null ? '' : ` on ${architecture}`} is not built here.`;
  if (others.length === 0) return one;
  return `${dist} is built here for ${[one, ...others].map((entry) => entry.built_architecture).join(', ')}; name the architecture in the subject (build of NAME_VERSION on ARCH).`;
};

const verdictOn = (understood: Understood, standing: Standing, ports: AnswerPorts): Verdict => {
  const claim = understood.token?.claim ?? null;
  if (understood.kind === 'should-build-reply') {
    const answer = shouldBuildAnswerOf(understood);
    return answer === null ? notYet(understood) : answerShouldBuild(answer, standing, claim);
  }
  const answer = answerOf(understood);
  if (answer === null) return notYet(understood);
  const queued =
    answer.action === 'upload-rem' ? queuedUploads(ports.paths, queueNames(ports.conf()), isChangesOf(standing)) : [];
  return answerLog(answer, standing, claim, queued);
};

const notYet = ({ action }: Understood): Verdict => ({ kind: 'refused', reason: `"${action}" cannot be done yet.` });

const isChangesOf = ({ package: name, version, architecture }: Standing): ((changes: string) => boolean) => {
  const start = `${name}_${withoutEpoch(version)}_${architecture}`;
  return (changes) =>
    changes === `${start}.changes` ||
    (changes.startsWith(`${start}-`) && /^[A-Za-z0-9]+\.changes$/.test(changes.slice(start.length + 1)));
};

const textOf = ({ argument }: Understood): string => (typeof argument === 'string' ? argument : '');

const answerOf = (understood: Understood): Answer | null => {
  switch (understood.action) {
    case 'retry':
    case 'manual':
    case 'purge':
    case 'not-for-us':
    case 'upload-rem':
      return { action: understood.action };
    case 'fail':
      return { action: 'fail', reason: textOf(understood) };
    case 'dep-wait':
      return { action: 'dep-wait', list: textOf(understood) };
    case 'give-back':
      return { action: 'give-back', priority: understood.priority };
    case 'newvers':
      return { action: 'newvers', version: textOf(understood) };
    default:
      return null;
  }
};

const shouldBuildAnswerOf = ({ action, argument, priority }: Understood): ShouldBuildAnswer | null => {
  switch (action) {
    case 'build':
    case 'no-build':
      return { action };
    case 'fail':
      return { action, reason: typeof argument === 'string' && argument.trim() !== '' ? argument : null };
    case 'give-back':
      return { action, priority };
    case 'not-for-us':
      return { action: 'no-build' };
    default:
      return null;
  }
};
