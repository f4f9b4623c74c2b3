// Whether a mail is proven, by which of the three ways, and whose proof it is. A signature alone is enough for a
// .changes only; a keyword must also be tied to this very mail.
import type { AdminConf } from '../../../config/buildd-conf.ts';
import { adminsByAddress, adminsByKey, judgeToken, senderObjection } from './authorize.ts';
import type { IncomingContext, Letter } from '../context.ts';
import { decodeWords } from '../decode/encoded-word.ts';
import { isOwnAddress } from '../decode/envelope.ts';
import { countOf, valueOf, valuesOf } from '../decode/header-fields.ts';
import { addressesIn } from '../decode/mailbox.ts';
import type { Incoming, Readable, SignedText } from '../signature/reading.ts';
import { readSubject, type About } from '../decode/subject.ts';
import type { Authentication } from '../understood.ts';

export interface Proof {
  readonly auth: Authentication;
  /** Whose proof it is; none where auth is not ok. */
  readonly admins: readonly AdminConf[];
  readonly letter: Letter | null;
  /** Why the mail that it answers is closed, and what proves the answer all the same; null where it is not. */
  readonly closed: { readonly reason: string; readonly by: 'signature' | 'token of an approved upload' } | null;
}

/** A proof that is none. */
const unproven = (method: Authentication['method'], reason: string, key: string | null = null): Proof => ({
  auth: { method, ok: false, key, reason },
  admins: [],
  letter: null,
  closed: null,
});

/** The proof that a signature alone is: enough for a .changes, which names everything itself. */
export function proveBySignature({ verification }: SignedText, { conf }: IncomingContext): Proof {
  const admins = adminsByKey(conf.auth, verification.key);
  if (admins.length === 0)
    return unproven('signature', 'the signature is good, but no admin has this key', verification.key);
  return {
    auth: { method: 'signature', ok: true, key: verification.key, reason: 'good signature' },
    admins,
    letter: null,
    closed: null,
  };
}

const sameAbout = (a: About, b: About): boolean => JSON.stringify(a) === JSON.stringify(b);

// Signed header fields (RFC 9788) that tie the text to this mail: `fits`, `contradicts`, or `silent`.
const tie = (signed: SignedText, about: About, own: string): 'fits' | 'contradicts' | 'silent' => {
  const { header } = signed;
  if (header === null) return 'silent';
  const subject = valueOf(header, 'subject');
  if (countOf(header, 'subject') > 1) return 'contradicts';
  if (subject !== null && !sameAbout(readSubject(decodeWords(subject)), about)) return 'contradicts';
  const to = valuesOf(header, 'to').flatMap(addressesIn);
  if (to.length > 0 && !to.some((address) => isOwnAddress(address, own))) return 'contradicts';
  return to.length > 0 && (subject !== null || about.kind === 'other') ? 'fits' : 'silent';
};

// Else an admin could put what another one signed, for another build, under the token of an own mail.
const isOf = (admins: readonly AdminConf[], { recipient }: Letter): boolean =>
  admins.some((admin) => admin.addresses.includes(recipient.toLowerCase()));

const proveSigned = (signed: SignedText, incoming: Incoming, context: IncomingContext): Proof => {
  const { key } = signed.verification;
  const proof = proveBySignature(signed, context);
  if (!proof.auth.ok) return proof;
  const bound = tie(signed, incoming.about, context.conf.mail.address);
  if (bound === 'contradicts')
    return unproven('signature', 'the signed subject or recipient is another than that of the mail', key);
  const token = judgeToken(incoming.envelope, incoming.about, context);
  if (token.kind === 'bad') return unproven('signature', token.reason, key);
  if (token.kind === 'good' && isOf(proof.admins, token.letter)) return { ...proof, letter: token.letter };
  if (bound === 'fits')
    return { ...proof, closed: token.kind === 'dead' ? { reason: token.reason, by: 'signature' } : null };
  if (token.kind === 'dead') {
    const { approved, reason } = token;
    return approved !== null && isOf(proof.admins, approved)
      ? { ...proof, letter: approved, closed: { reason, by: 'token of an approved upload' } }
      : unproven('signature', reason, key);
  }
  const objection = senderObjection(incoming.envelope, incoming.mail.header, context.conf.auth);
  if (objection === null) return proof;
  return unproven(
    'signature',
    'the signature is good, but nothing ties the keyword to this mail: answer with the token, or sign subject and recipient too',
    key,
  );
};

const proveUnsigned = ({ mail, envelope, about }: Incoming, context: IncomingContext): Proof => {
  const { auth } = context.conf;
  const token = auth.accept.includes('token') ? judgeToken(envelope, about, context) : ({ kind: 'none' } as const);
  const admins = adminsByAddress(auth, envelope.sender);
  if (token.kind === 'bad') return unproven('token', token.reason);
  const closed = token.kind === 'dead' ? ({ reason: token.reason, by: 'token of an approved upload' } as const) : null;
  const letter = token.kind === 'good' ? token.letter : token.kind === 'dead' ? token.approved : null;
  if (letter !== null) {
    const reason = `token of the mail to ${letter.recipient}`;
    return { auth: { method: 'token', ok: true, key: null, reason }, admins, letter, closed };
  }
  if (token.kind === 'dead') return unproven('token', token.reason);
  const objection = senderObjection(envelope, mail.header, auth);
  if (objection === null)
    return {
      auth: { method: 'sender', ok: true, key: null, reason: `From is the admin ${envelope.sender ?? ''}` },
      admins,
      letter: null,
      closed: null,
    };
  if (token.kind === 'unchecked') return unproven('token', 'there is a token, but no store here to check it with');
  return unproven('none', `neither a signature nor a token; ${objection}`);
};

/** The proof for a keyword; call it with a reading that was not refused. */
export function proveKeyword(reading: Readable, incoming: Incoming, context: IncomingContext): Proof {
  return reading.kind === 'signed' ? proveSigned(reading.signed, incoming, context) : proveUnsigned(incoming, context);
}
