// Mails of the archive, its queue daemon and wanna-build. They are hints that the store checks; believed at all they
// are only from the configured addresses, and where our mail server can vouch for a sender, only if it does.
import { isDistributionName, isPackageName } from '../../../debian/names.ts';
import { isVersion } from '../../../debian/version.ts';
import { coversAddress, readResults } from '../authorize/authentication-results.ts';
import { answerText } from '../decode/content.ts';
import type { IncomingContext } from '../context.ts';
import { applied, draftOf, forwarded, type Draft } from './outcome.ts';
import type { Proof } from '../authorize/proof.ts';
import type { Incoming } from '../signature/reading.ts';
import { readChangesName, type About } from '../decode/subject.ts';
import type { Action, Authentication, Understood } from '../understood.ts';

export type NoticeSubject = Extract<
  About,
  { kind: 'archive-notice' | 'mini-dinstall' | 'queue-notice' | 'new-version' }
>;

type Trust = { readonly kind: 'stranger' | 'unvouched' | 'trusted'; readonly auth: Authentication };

const trustIn = ({ envelope, mail }: Incoming, { conf }: IncomingContext): Trust => {
  const { trusted_notices, trusted_authserv_id } = conf.auth;
  const verdict = (kind: Trust['kind'], reason: string): Trust => ({
    kind,
    auth: { method: 'notice', ok: kind === 'trusted', key: null, reason },
  });
  const sender = envelope.sender ?? '';
  if (envelope.twoOfOne !== null) return verdict('stranger', `there are two ${envelope.twoOfOne} fields`);
  if (!trusted_notices.some((address) => address.toLowerCase() === sender))
    return verdict('stranger', 'the sender is not in trusted_notices');
  if (trusted_authserv_id === undefined) return verdict('trusted', `${sender} is in trusted_notices`);
  const results = readResults(mail.header, trusted_authserv_id);
  if (results.dmarcFailed) return verdict('stranger', 'our mail server found that the sender is forged');
  return coversAddress(results.passed, sender)
    ? verdict('trusted', `${sender} is in trusted_notices, and our mail server vouches for it`)
    : verdict('unvouched', `no dkim or dmarc pass of ${trusted_authserv_id} for ${sender}`);
};

// What an untrusted notice says is kept for the log where the address at least is right; nobody acts on a forward.
const settle = (draft: Draft, trust: Trust, action: Action, reason: string): Understood => {
  if (trust.kind === 'stranger') return forwarded(draft, `${reason}, but ${trust.auth.reason}`, 'forward', trust.auth);
  if (trust.kind === 'unvouched') return forwarded(draft, `${reason}, but ${trust.auth.reason}`, action, trust.auth);
  const proof: Proof = { auth: trust.auth, admins: [], letter: null, closed: null };
  return applied(draft, proof, action, reason);
};

const withFile = (draft: Draft, file: string): Draft | null => {
  const name = readChangesName(file);
  if (name === null) return null;
  return {
    ...draft,
    package: name.package,
    version: name.version,
    architecture: name.architecture,
    notice: { changes: file, onlyLogged: false },
  };
};

const archive = (
  incoming: Incoming,
  about: Extract<NoticeSubject, { kind: 'archive-notice' }>,
  trust: Trust,
): Understood => {
  const draft = withFile(draftOf(incoming, 'archive-notice'), about.changes);
  if (draft === null)
    return forwarded(
      draftOf(incoming, 'archive-notice'),
      `"${about.changes.slice(0, 80)}" is not the name of a .changes file`,
    );
  const onlyLogged = about.into?.includes('->') ?? false;
  const dist = about.into !== null && isDistributionName(about.into) ? about.into : null;
  const whole: Draft = { ...draft, dist, notice: { changes: about.changes, onlyLogged } };
  const reason = `${about.changes} ${about.verb === 'new-queue' ? 'is in NEW' : `was ${about.verb}`}`;
  if (about.verb === 'rejected' && trust.kind === 'trusted') return forwarded(whole, reason, 'rejected', trust.auth);
  return settle(whole, trust, about.verb, reason);
};

const queue = (incoming: Incoming, file: string, trust: Trust, context: IncomingContext): Understood => {
  const draft = withFile(draftOf(incoming, 'queue-notice'), file);
  if (draft === null)
    return forwarded(draftOf(incoming, 'queue-notice'), `"${file.slice(0, 80)}" is not the name of a .changes file`);
  const text = answerText(incoming.contents).slice(0, 20_000).replace(/\s+/g, ' ');
  if (!text.includes(`${file} uploaded successfully`))
    return forwarded(draft, `the queue daemon did not take ${file}`, 'forward', trust.auth);
  if (trust.kind === 'trusted' && !context.conf.log_queued_messages)
    return forwarded(draft, `${file} is in the queue`, 'queue-ok', trust.auth);
  return settle(draft, trust, 'queue-ok', `${file} is in the queue`);
};

const newVersion = (
  incoming: Incoming,
  about: Extract<NoticeSubject, { kind: 'new-version' }>,
  trust: Trust,
): Understood => {
  const draft = draftOf(incoming, 'new-version');
  const text = answerText(incoming.contents).slice(0, 20_000).replace(/\s+/g, ' ');
  const old = / in version (\S+)\.(?: |$)/.exec(` ${text}`)?.[1] ?? '';
  const fresh = / new source version (\S+)\.(?: |$)/.exec(text)?.[1] ?? '';
  if (
    !isPackageName(about.package) ||
    !isDistributionName(about.distribution) ||
    !isVersion(old) ||
    !isVersion(fresh)
  ) {
    return forwarded(draft, 'the mail does not say which version is replaced by which', 'forward', trust.auth);
  }
  const whole: Draft = { ...draft, package: about.package, version: old, dist: about.distribution, argument: fresh };
  return settle(whole, trust, 'new-version', `${about.package}_${old} is replaced by ${fresh}`);
};

const miniDinstall = (
  incoming: Incoming,
  about: Extract<NoticeSubject, { kind: 'mini-dinstall' }>,
  trust: Trust,
): Understood => {
  const draft = draftOf(incoming, 'archive-notice');
  const { package: name, version, distribution } = about;
  if (!isPackageName(name) || !isVersion(version) || !isDistributionName(distribution))
    return forwarded(draft, 'the names in the subject are none');
  const whole: Draft = {
    ...draft,
    package: name,
    version,
    dist: distribution,
    notice: { changes: null, onlyLogged: false },
  };
  return settle(whole, trust, 'installed', `${name}_${version} was installed`);
};

/** What a notice says, and whether it is believed. */
export function understandNotice(incoming: Incoming, about: NoticeSubject, context: IncomingContext): Understood {
  const trust = trustIn(incoming, context);
  switch (about.kind) {
    case 'archive-notice':
      return archive(incoming, about, trust);
    case 'mini-dinstall':
      return miniDinstall(incoming, about, trust);
    case 'queue-notice':
      return queue(incoming, about.changes, trust, context);
    case 'new-version':
      return newVersion(incoming, about, trust);
  }
}
