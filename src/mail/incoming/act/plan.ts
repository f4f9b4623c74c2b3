// What is to be done about a mail, as plain data: the intent with its mails, and what dies with it. Pure. Must never
// answer a mail that may not be answered, nor a stranger.
import type { AuthConf } from '../../../config/buildd-conf.ts';
import type { Effect } from '../../../home/effect.ts';
import type { IntentDraft } from '../../../home/intent.ts';
import type { Letter } from '../../../home/letters.ts';
import type { Answered, MailRequest } from '../../../home/mail-request.ts';
import { notProcessed } from '../../outgoing/answer.ts';
import type { MailIdentity, Understood } from '../understood.ts';

export interface Plan {
  readonly decision: 'applied' | 'refused' | 'forwarded' | 'dropped';
  /** For the log; one line. */
  readonly reason: string;
  /** Null: nothing leaves this home. */
  readonly draft: IntentDraft | null;
  /** Whose letters' tokens are dead when this is committed, and the word for the answer. */
  readonly answers: {
    /** The build that is answered first: an answer by token must be the first to its letters. */
    readonly builds: readonly number[];
    readonly kind: Letter['kind'];
    readonly keyword: string;
    readonly proof: 'token' | 'other';
  } | null;
  /** Whose answers are counted (an address); null where there is no limit. */
  readonly countedAnswer: string | null;
  /** Whether the signature is used up by this plan. */
  readonly usesSignature: boolean;
}

const isAdminAddress = (auth: AuthConf, address: string): boolean =>
  auth.admins.some((admin) => admin.addresses.includes(address.toLowerCase()));

const notAnAdmin = "not an admin's address";

const bare = { draft: null, answers: null, countedAnswer: null, usesSignature: false } as const;

export interface AnswerLimit {
  /** In the last hour, to one address. */
  readonly sent: number;
  /** max_answers_per_hour. */
  readonly most: number;
}

/** Nothing is to be done. */
export function dropped(reason: string): Plan {
  return { ...bare, decision: 'dropped', reason };
}

/** The mail goes to the admin, unchanged. */
export function forwarded(raw: Uint8Array, what: string, reason: string): Plan {
  const mails: MailRequest[] = [{ kind: 'forward', raw: Buffer.from(raw).toString('base64') }];
  return {
    ...bare,
    decision: 'forwarded',
    reason,
    draft: { what, subject: null, effects: [], mails, refusalMails: [] },
  };
}

/** The mail as an answer to it quotes it. */
export function answeredOf(mail: MailIdentity): Answered {
  return {
    messageId: mail.messageId === null ? null : `<${mail.messageId}>`,
    subject: mail.subject,
    text: mail.quote.slice(0, 50),
    token: mail.token,
  };
}

/** An answer to who sent the mail; none where none may be sent. */
export function answerTo(mail: MailIdentity, text: string): MailRequest[] {
  return mail.answerTo === null ? [] : [{ kind: 'answer', to: mail.answerTo, text, answered: answeredOf(mail) }];
}

/** A refusal of what an authenticated admin asks for: always answered where a mail may be answered at all. */
export function refusedAdmin(understood: Understood, reason: string): Plan {
  const plan: Plan = { ...bare, decision: 'refused', reason };
  const mails = answerTo(understood.mail, `${notProcessed}\n\n${reason}`);
  if (mails.length === 0) return unanswered(plan, understood.mail.noAnswer ?? 'no address');
  const draft: IntentDraft = {
    what: `refuse ${understood.action}: ${reason}`,
    subject: null,
    effects: [],
    mails,
    refusalMails: [],
  };
  return { ...plan, draft };
}

/**
 * A refusal of what nobody has proven: answered only to an admin's address, only so often.
 * @param sent answers that went to that address in the last hour.
 */
export function refusedStranger(understood: Understood, reason: string, auth: AuthConf, limit: AnswerLimit): Plan {
  const plan = refusedAdmin(understood, reason);
  return plan.draft === null ? plan : toldStranger(plan, understood, auth, limit);
}

/**
 * A signature proves who signed, not who sent: nothing is ever answered to another address than an admin's. Else a
 * signed text that somebody overheard could have anybody flooded with answers.
 */
export function answeredOnlyToAdmins(plan: Plan, auth: AuthConf): Plan {
  const { draft } = plan;
  if (draft === null) return plan;
  const allowed = (mails: readonly MailRequest[]): MailRequest[] =>
    mails.filter((mail) => mail.kind !== 'answer' || isAdminAddress(auth, mail.to));
  const mails = allowed(draft.mails);
  if (plan.decision === 'refused' && mails.length === 0) return unanswered(plan, notAnAdmin);
  const reason = mails.length < draft.mails.length ? `${plan.reason} (not answered: ${notAnAdmin})` : plan.reason;
  return { ...plan, reason, draft: { ...draft, mails, refusalMails: allowed(draft.refusalMails) } };
}

/** What anybody may be told (the help), unproven: only to an admin's address, only so often. */
export function toldStranger(plan: Plan, understood: Understood, auth: AuthConf, limit: AnswerLimit): Plan {
  const to = understood.mail.answerTo;
  if (to === null) return unanswered(plan, understood.mail.noAnswer ?? 'no address');
  return isAdminAddress(auth, to) ? counted(plan, to, limit) : unanswered(plan, notAnAdmin);
}

const counted = (plan: Plan, to: string, { sent, most }: AnswerLimit): Plan =>
  sent >= most ? unanswered(plan, `${sent} answers in an hour`) : { ...plan, countedAnswer: to };

/** The same refusal, said only in the log. */
export function unanswered(plan: Plan, why: string): Plan {
  return { ...plan, draft: null, countedAnswer: null, reason: `${plan.reason} (not answered: ${why})` };
}

export interface Acceptance {
  readonly subject: IntentDraft['subject'];
  readonly effects: readonly Effect[];
  readonly mails: readonly MailRequest[];
  readonly answers: Plan['answers'];
}

/** What an admin asks for is done. */
export function accepted(understood: Understood, what: string, { subject, effects, mails, answers }: Acceptance): Plan {
  const draft: IntentDraft = { what, subject, effects, mails, refusalMails: answerTo(understood.mail, notProcessed) };
  return { ...bare, decision: 'applied', reason: what, draft, answers, usesSignature: understood.replay !== null };
}

/** What a notice asks for is done; nobody is told. */
export function carriedOut(what: string, effects: readonly Effect[], subject: IntentDraft['subject'] = null): Plan {
  return { ...bare, decision: 'applied', reason: what, draft: { what, subject, effects, mails: [], refusalMails: [] } };
}
