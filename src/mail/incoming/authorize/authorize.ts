// Who may say it: the three proofs that a configuration can accept, and the roles that go with them. From alone proves
// nothing; whatever is doubtful is no proof.
import type { AdminConf, AuthConf, Role } from '../../../config/buildd-conf.ts';
import { readToken, tokenMatches } from '../../token.ts';
import { readResults } from './authentication-results.ts';
import type { IncomingContext, Letter } from '../context.ts';
import type { Envelope } from '../decode/envelope.ts';
import type { HeaderBlock } from '../decode/header-fields.ts';
import type { About } from '../decode/subject.ts';

const day = 86_400_000;
const tokenDays = 14;

/** The entries of the admins that have this address. */
export function adminsByAddress(auth: AuthConf, address: string | null): AdminConf[] {
  return address === null ? [] : auth.admins.filter((admin) => admin.addresses.includes(address));
}

/** The entries of the admins that have this primary fingerprint; the short form gives every key of the ring. */
export function adminsByKey(auth: AuthConf, fingerprint: string): AdminConf[] {
  return auth.admins.filter((admin) => admin.fingerprints === null || admin.fingerprints.includes(fingerprint));
}

/** Whether one of the entries may do this in this distribution (null: it concerns none). Help and status are for all. */
export function mayDo(admins: readonly AdminConf[], role: Role, distribution: string | null): boolean {
  return admins.some(
    (admin) =>
      (admin.roles.includes('all') || admin.roles.includes(role) || role === 'help' || role === 'status') &&
      (distribution === null || admin.distributions === null || admin.distributions.includes(distribution)),
  );
}

type TokenJudgement =
  | { readonly kind: 'none' }
  /** There is one, but nothing here to check it with. */
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'bad'; readonly reason: string }
  /** It was good once: the reason says what happened since. */
  | {
      readonly kind: 'dead';
      readonly reason: string;
      /** The letter of an approved upload: the token still serves to call it back. Null: the token serves for nothing. */
      readonly approved: Letter | null;
    }
  | { readonly kind: 'good'; readonly letter: Letter };

const kinds = { 'log-reply': 'log', 'should-build-reply': 'should-build', 'digest-reply': 'digest' } as const;

const misfit = (letter: Letter, about: About): string | null => {
  if (about.kind !== 'log-reply' && about.kind !== 'should-build-reply' && about.kind !== 'digest-reply')
    return 'the mail answers nothing';
  if (letter.kind !== kinds[about.kind]) return 'the token is that of another kind of mail';
  if (about.kind === 'digest-reply') return null;
  const same =
    letter.package === about.package && letter.version === about.version && letter.distribution === about.distribution;
  const sameArchitecture = about.architecture === null || about.architecture === letter.architecture;
  return same && sameArchitecture
    ? null
    : 'the token was made for another package, version, distribution or architecture than the subject names';
};

/** Judges the token that the mail carries in its addresses or ids. */
export function judgeToken(envelope: Envelope, about: About, { tokens, now, conf }: IncomingContext): TokenJudgement {
  const { token, sender } = envelope;
  const build = token === null ? undefined : readToken(token)?.build;
  if (token === null || build === undefined) return { kind: 'none' };
  if (tokens === null) return { kind: 'unchecked' };
  const bad = (reason: string): TokenJudgement => ({ kind: 'bad', reason });
  const letter = tokens.lettersOf(build).find((candidate) => tokenMatches(tokens.secret, token, candidate));
  if (letter === undefined) return bad('the token is none of ours');
  if (sender !== letter.recipient.toLowerCase()) return bad('the token was made for somebody else than who From names');
  if (adminsByAddress(conf.auth, sender).length === 0)
    return bad('the token was made for somebody who is no admin (any more)');
  const reason = misfit(letter, about);
  if (reason !== null) return bad(reason);
  const isOld = now.getTime() - letter.created.getTime() > tokenDays * day;
  if (letter.answered !== null) {
    const approved = letter.approved === 'approved' && !isOld ? letter : null;
    return { kind: 'dead', reason: `the mail ${letter.answered}`, approved };
  }
  if (isOld) return { kind: 'dead', reason: `the token is older than ${tokenDays} days`, approved: null };
  return { kind: 'good', letter };
}

/** Why the *sender* rule does not hold for this mail; null if it does. */
export function senderObjection(envelope: Envelope, header: HeaderBlock, auth: AuthConf): string | null {
  if (!auth.accept.includes('sender')) return 'a sender alone is no proof here (accept has no "sender")';
  if (envelope.sender === null) return 'From is not exactly one mailbox';
  if (adminsByAddress(auth, envelope.sender).length === 0) return `${envelope.sender} is no admin`;
  if (auth.trusted_authserv_id !== undefined && readResults(header, auth.trusted_authserv_id).dmarcFailed) {
    return 'our mail server found that the sender is forged (dmarc=fail)';
  }
  return null;
}
