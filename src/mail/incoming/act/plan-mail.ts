// From what a mail was understood to be to a plan: which rules it falls under. Changes nothing, but that an address
// which an admin blacklists is on the list from here on.
import type { BuilddConf } from '../../../config/buildd-conf.ts';
import { answersLastHour } from '../../../home/received-mails.ts';
import { wasActedOn } from '../../../home/replay.ts';
import type { Clock } from '../../../platform/clock.ts';
import { assertNever } from '../../../platform/errors.ts';
import { helpText } from '../../outgoing/answers.ts';
import { addToBlacklist } from '../classify/blacklist.ts';
import { bounceLimit, bounceWhat, bouncesForwarded } from './bounce-limit.ts';
import { planAnswer } from './plan-answer.ts';
import { planArchiveNotice, planNewVersion } from './plan-notice.ts';
import {
  accepted,
  answeredOnlyToAdmins,
  answerTo,
  dropped,
  forwarded,
  refusedAdmin,
  refusedStranger,
  toldStranger,
  type AnswerLimit,
  type Plan,
} from './plan.ts';
import type { StandingPorts } from './standing.ts';
import type { Understood } from '../understood.ts';

export interface PlanPorts extends StandingPorts {
  conf(): BuilddConf;
  readonly clock: Clock;
}

/** What is to be done about one part of a mail. @throws UnavailableError when the store cannot be reached. */
export async function planFor(understood: Understood, raw: Uint8Array, ports: PlanPorts): Promise<Plan> {
  const plan = await planOf(understood, raw, ports);
  const { replay } = understood;
  // Whoever sends a used signature again need not be who signed.
  const isReplayed =
    plan.decision === 'refused' && plan.draft !== null && replay !== null && wasActedOn(ports.db, replay);
  return answeredOnlyToAdmins(isReplayed ? refuseStranger(understood, plan.reason, ports) : plan, ports.conf().auth);
}

const planOf = async (understood: Understood, raw: Uint8Array, ports: PlanPorts): Promise<Plan> => {
  switch (understood.decision) {
    case 'drop':
      return dropped(understood.reason);
    case 'forward':
      return planForward(understood, raw, ports);
    case 'refuse':
      if (understood.unprovenWish === 'help') return planHelp(understood, ports);
      return understood.code === 'unauthenticated'
        ? refuseStranger(understood, understood.reason, ports)
        : refusedAdmin(understood, understood.reason);
    case 'apply':
      return planApply(understood, raw, ports);
    default:
      return assertNever(understood.decision);
  }
};

// The table of answers is no secret; it goes to an admin's address only, within the limit of answers.
const planHelp = (understood: Understood, ports: PlanPorts): Plan => {
  const mails = answerTo(understood.mail, helpText());
  const plan = accepted(understood, 'help', { subject: null, effects: [], mails, answers: null });
  return toldStranger(plan, understood, ports.conf().auth, answerLimit(understood, ports));
};

const planForward = (understood: Understood, raw: Uint8Array, ports: PlanPorts): Plan => {
  const what = `forward a mail of ${understood.sender ?? 'an unknown sender'}`;
  if (understood.kind !== 'bounce') return forwarded(raw, what, understood.reason);
  const since = new Date(ports.clock.now().getTime() - ports.conf().error_mail_window * 1000);
  const sent = bouncesForwarded(ports.db, since);
  if (sent >= bounceLimit)
    return dropped(`${understood.reason} (${sent} bounces were forwarded already, error_mail_window)`);
  return forwarded(raw, bounceWhat, understood.reason);
};

/** A refusal of what is not proven, within the limits of answers. */
export const refuseStranger = (understood: Understood, reason: string, ports: PlanPorts): Plan => {
  return refusedStranger(understood, reason, ports.conf().auth, answerLimit(understood, ports));
};

const answerLimit = ({ mail }: Understood, ports: PlanPorts): AnswerLimit => ({
  sent: mail.answerTo === null ? 0 : answersLastHour(ports.db, mail.answerTo, ports.clock.now()),
  most: ports.conf().mail.max_answers_per_hour,
});

const planApply = async (understood: Understood, raw: Uint8Array, ports: PlanPorts): Promise<Plan> => {
  switch (understood.kind) {
    case 'log-reply':
    case 'should-build-reply':
    case 'digest-reply':
    case 'command':
      return planAnswer(understood, ports);
    case 'archive-notice':
      return planArchiveNotice(understood, ports);
    case 'new-version':
      return planNewVersion(understood, ports);
    case 'blacklist':
      return planBlacklist(understood, ports);
    case 'queue-notice':
    case 'auto-reply':
      return dropped(understood.reason);
    case 'bounce':
    case 'other':
      return planForward(understood, raw, ports);
    default:
      return assertNever(understood.kind);
  }
};

const planBlacklist = (understood: Understood, ports: PlanPorts): Plan => {
  const address = typeof understood.argument === 'string' ? understood.argument : '';
  const refusal = addToBlacklist(ports.db, ports.paths, address, ports.conf().auth);
  if (refusal !== null) return refusedAdmin(understood, refusal);
  const mails = ports.conf().mail.acknowledge ? answerTo(understood.mail, `${address} is in mail-blacklist now.`) : [];
  return accepted(understood, `blacklist ${address}`, { subject: null, effects: [], mails, answers: null });
};
