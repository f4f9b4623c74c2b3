// The ways in which understanding a mail can end, each as one call that fills in everything else.
import type { IncomingContext } from '../context.ts';
import { adminsByAddress } from '../authorize/authorize.ts';
import { answerForbidden } from './automatic.ts';
import { answerText } from '../decode/content.ts';
import { quoteOf } from '../decode/envelope.ts';
import type { Proof } from '../authorize/proof.ts';
import type { Incoming } from '../signature/reading.ts';
import type { Action, Authentication, Kind, MailIdentity, Understood } from '../understood.ts';

/** What an outcome starts from: nothing proven, nothing to do. */
export type Draft = Omit<Understood, 'decision' | 'code' | 'reason' | 'auth' | 'action'>;

const nobody: Authentication = { method: 'none', ok: false, key: null, reason: 'nothing was to be proven' };

const identityOf = ({ mail, envelope, contents }: Incoming): MailIdentity => {
  const noAnswer = answerForbidden(mail.header) ?? (envelope.sender === null ? 'there is nobody to answer to' : null);
  return {
    messageId: envelope.messageId,
    sha256: envelope.sha256,
    subject: (envelope.subjects[0] ?? '').slice(0, 1000),
    answerTo: noAnswer === null ? envelope.sender : null,
    noAnswer,
    token: envelope.token,
    references: envelope.messageId === null ? envelope.references : [...envelope.references, envelope.messageId],
    quote: quoteOf(answerText(contents)),
  };
};

/** The draft for a mail; names are those of its subject where it is about a build. */
export function draftOf(incoming: Incoming, kind: Kind): Draft {
  const { about } = incoming;
  const named = about.kind === 'log-reply' || about.kind === 'should-build-reply' ? about : null;
  return {
    part: 0,
    kind,
    package: named?.package ?? null,
    version: named?.version ?? null,
    dist: named?.distribution ?? null,
    architecture: named?.architecture ?? null,
    argument: null,
    priority: null,
    sender: incoming.envelope.sender,
    changes: null,
    token: null,
    replay: null,
    admins: [],
    notice: null,
    unprovenWish: null,
    mail: identityOf(incoming),
  };
}

const silent = (draft: Draft, noAnswer: string): Draft => ({
  ...draft,
  mail: { ...draft.mail, answerTo: null, noAnswer: draft.mail.noAnswer ?? noAnswer },
});

/** To the admin, unchanged. */
export function forwarded(
  draft: Draft,
  reason: string,
  action: Action = 'forward',
  auth: Authentication = nobody,
): Understood {
  return { ...silent(draft, 'it goes to the admin'), action, auth, decision: 'forward', code: null, reason };
}

/** Logged, nothing else. */
export function dropped(draft: Draft, reason: string): Understood {
  return { ...silent(draft, reason), action: 'none', auth: nobody, decision: 'drop', code: null, reason };
}

/** Refused for want of proof; answered only to an admin's address. */
export function unauthenticated(draft: Draft, auth: Authentication, { conf }: IncomingContext): Understood {
  const isAdmin = adminsByAddress(conf.auth, draft.sender).length > 0;
  const base = isAdmin ? draft : silent(draft, 'the sender is no admin');
  return { ...base, action: 'none', auth, decision: 'refuse', code: 'unauthenticated', reason: auth.reason };
}

const proven = (draft: Draft, proof: Proof): Draft => ({
  ...draft,
  admins: [...new Set(proof.admins.flatMap((admin) => admin.addresses))],
  token:
    proof.letter === null
      ? null
      : { build: proof.letter.build, claim: proof.letter.claim, messageId: proof.letter.messageId },
});

/** Proven, but nothing that can be done. */
export function notUnderstood(draft: Draft, proof: Proof, reason: string): Understood {
  return {
    ...proven(draft, proof),
    action: 'none',
    auth: proof.auth,
    decision: 'refuse',
    code: 'not-understood',
    reason,
  };
}

/** To be done. */
export function applied(draft: Draft, proof: Proof, action: Action, reason: string): Understood {
  return { ...proven(draft, proof), action, auth: proof.auth, decision: 'apply', code: null, reason };
}
