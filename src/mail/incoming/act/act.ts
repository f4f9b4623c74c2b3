// Does what one mail says: understood, planned, written down in one transaction, then carried out. A crash anywhere
// leaves either the mail in the queue with nothing done, or intents that are finished later. Never both, never twice.
import { createHash } from 'node:crypto';
import { isFileName } from '../../../debian/names.ts';
import { openIntent, type Intent } from '../../../home/intent.ts';
import { letterByMessageId, markAnswered } from '../../../home/letters.ts';
import { decisionOn, noteAnswer, noteMail, type MailKey } from '../../../home/received-mails.ts';
import { noteSignature, wasActedOn } from '../../../home/replay.ts';
import type { Logger } from '../../../platform/logger.ts';
import { planFor, refuseStranger, type PlanPorts } from './plan-mail.ts';
import { answeredBy } from '../home-context.ts';
import { unanswered, type Plan } from './plan.ts';
import type { Understood } from '../understood.ts';

export interface ActPorts extends PlanPorts {
  readonly log: Logger;
  understand(raw: Uint8Array): Promise<readonly Understood[]>;
  carryOut(intent: Intent): Promise<'done' | 'refused' | 'open'>;
}

/**
 * Acts on one mail of the queue.
 * @throws UnavailableError when the store cannot be reached; nothing was done then.
 */
export async function actOnMail(raw: Uint8Array, ports: ActPorts): Promise<void> {
  const parts = await ports.understand(raw);
  const [first] = parts;
  if (first === undefined) return;
  const key: MailKey = { messageId: first.mail.messageId ?? '', sha256: digestOf(raw) };
  const before = decisionOn(ports.db, key);
  if (before !== null) {
    ports.log.log(`mail ${nameOf(first)}: seen before (${before}): nothing is done`);
    return;
  }
  const plans: Planned[] = [];
  for (const understood of parts) plans.push({ understood, plan: await planFor(understood, raw, ports) });
  const committed = commit(oneAnswer(plans), key, ports);
  for (const { understood, plan } of committed) ports.log.log(logLine(understood, plan));
  for (const { intent } of committed) if (intent !== null) await carryOut(intent, ports);
}

// A mail server that delivers a mail again writes another date into the line that the mbox format puts in front.
const digestOf = (raw: Uint8Array): string => {
  const isMbox = Buffer.from(raw.subarray(0, 5)).toString('latin1') === 'From ';
  const body = isMbox ? raw.subarray(raw.indexOf(0x0a) + 1) : raw;
  return createHash('sha256').update(body).digest('hex');
};

interface Planned {
  readonly understood: Understood;
  readonly plan: Plan;
}

// A mail of many parts gets one refusal, that of its first part that is refused.
const oneAnswer = (plans: readonly Planned[]): Planned[] => {
  const first = plans.find(({ plan }) => plan.decision === 'refused' && plan.draft !== null);
  return plans.map((planned) =>
    planned === first || planned.plan.decision !== 'refused' || planned.plan.draft === null
      ? planned
      : { ...planned, plan: unanswered(planned.plan, 'once a mail') },
  );
};

interface Committed {
  readonly understood: Understood;
  readonly plan: Plan;
  readonly intent: Intent | null;
}

// All that a mail causes, its signatures, the end of its tokens and that it was seen: one transaction.
const commit = (plans: readonly Planned[], key: MailKey, ports: ActPorts): Committed[] =>
  ports.db.exclusively(() => {
    const now = ports.clock.now();
    const decisions = plans.map(({ plan }) => plan.decision);
    // Another processor of a home whose lock was lost: its effect stands.
    if (!noteMail(ports.db, key, [...new Set(decisions)].join(' '), now)) return [];
    return plans.map(({ understood, plan: wanted }) => {
      const plan = stillAllowed(understood, wanted, ports);
      const intent = plan.draft === null ? null : openIntent(ports.db, plan.draft, now);
      if (intent !== null) killTokens(understood, plan, intent, ports, now);
      if (intent !== null && plan.usesSignature && understood.replay !== null)
        noteSignature(ports.db, understood.replay, intent.number);
      if (plan.countedAnswer !== null) noteAnswer(ports.db, plan.countedAnswer, now);
      return { understood, plan, intent };
    });
  });

const stillAllowed = (understood: Understood, plan: Plan, ports: ActPorts): Plan => {
  if (plan.decision !== 'applied') return plan;
  if (understood.replay !== null && wasActedOn(ports.db, understood.replay)) {
    return refuseStranger(
      understood,
      'This signature was acted on before: the same signed text counts only once.',
      ports,
    );
  }
  if (plan.answers?.proof !== 'token' || understood.token === null) return plan;
  const given = letterByMessageId(ports.db, `<${understood.token.messageId}>`)?.answered ?? null;
  // A token whose upload was approved serves to call it back.
  if (given === null || (given.keyword === 'changes' && understood.action === 'upload-rem')) return plan;
  return refuseStranger(understood, `The mail that you answer ${answeredBy(given)}.`, ports);
};

const killTokens = (understood: Understood, { answers }: Plan, intent: Intent, ports: ActPorts, at: Date): void => {
  if (answers === null) return;
  const { sender, admins, auth } = understood;
  const isAdmin = sender !== null && admins.includes(sender);
  const by = isAdmin || auth.key === null ? (sender ?? 'an admin') : `the key ${auth.key}`;
  for (const build of answers.builds)
    markAnswered(ports.db, build, answers.kind, { keyword: answers.keyword, at, by, intent: intent.number });
};

const carryOut = async (intent: Intent, ports: ActPorts): Promise<void> => {
  const end = await ports.carryOut(intent);
  if (end === 'done') return;
  ports.log.log(
    `${intent.what}: ${end === 'refused' ? 'refused by the store or the files; the sender is told' : 'the store is away; it is tried again'}`,
  );
};

const nameOf = ({ mail }: Understood): string =>
  mail.messageId === null ? `of SHA-256 ${mail.sha256.slice(0, 12)}` : `<${mail.messageId}>`;

const logLine = (understood: Understood, plan: Plan): string => {
  const { sender, package: name, version, dist, kind, action, auth } = understood;
  const about =
    name === null ? '' : ` ${name}${version === null ? '' : `_${version}`}${dist === null ? '' : ` (dist=${dist})`}`;
  const proof = auth.ok ? `${auth.method}${auth.key === null ? '' : ` ${auth.key}`}` : 'unproven';
  const shown = name !== null && isFileName(name) ? about : '';
  return `mail ${nameOf(understood)} of ${sender ?? 'nobody'} [${proof}]: ${kind} ${action}${shown}: ${plan.decision}: ${plan.reason}`;
};
