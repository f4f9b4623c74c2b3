// The one entry: raw mail in, what it means out. Plain data in and out; never throws for anything that a mail can be.
// Order matters: what no person wrote comes first, proof comes before meaning.
import type { BuilddConf } from '../../config/buildd-conf.ts';
import {
  autoReplyOf,
  bounceOf,
  hasNullReturnPath,
  isGenerated,
  isOurOwn,
  type Automatic,
} from './classify/automatic.ts';
import { isBlacklisted } from './classify/blacklist-lines.ts';
import { contentsOf } from './decode/content.ts';
import type { IncomingContext } from './context.ts';
import { decodeMail } from './decode/decode.ts';
import { readEnvelope } from './decode/envelope.ts';
import { valueOf } from './decode/header-fields.ts';
import { understandNotice, type NoticeSubject } from './classify/notices.ts';
import { draftOf, dropped, forwarded, unauthenticated } from './classify/outcome.ts';
import { understandOther } from './command/own-command.ts';
import type { Incoming } from './signature/reading.ts';
import { understandDigestReply, understandReply } from './command/reply.ts';
import { readSubject, type About } from './decode/subject.ts';
import type { Understood } from './understood.ts';

const aboutOf = (subjects: readonly string[]): About =>
  subjects.map(readSubject).find((about) => about.kind !== 'other') ?? { kind: 'other' };

const isNotice = (about: About): about is NoticeSubject =>
  about.kind === 'archive-notice' ||
  about.kind === 'mini-dinstall' ||
  about.kind === 'queue-notice' ||
  about.kind === 'new-version';

const bounced = (incoming: Incoming, bounce: Extract<Automatic, { kind: 'bounce' }>): Understood => {
  const draft = draftOf(incoming, 'bounce');
  return bounce.delayed === 'delayed' ? dropped(draft, 'a mail of ours is delayed') : forwarded(draft, bounce.reason);
};

const automatic = (incoming: Incoming, conf: BuilddConf): Understood | null => {
  const { mail, about } = incoming;
  const reply = autoReplyOf(mail, conf);
  if (reply === null) return null;
  if (about.kind === 'other' && !isOurOwn(mail.header, conf)) {
    if (isGenerated(mail.header))
      return forwarded(draftOf(incoming, 'other'), 'a mail that a program made, for the admin');
    const onlyNoPath = hasNullReturnPath(mail.header) && reply.reason === 'sent without a return path';
    if (onlyNoPath) return forwarded(draftOf(incoming, 'bounce'), reply.reason);
  }
  return dropped(draftOf(incoming, 'auto-reply'), reply.reason);
};

const personal = async (incoming: Incoming, context: IncomingContext): Promise<Understood[]> => {
  const { about, envelope } = incoming;
  if (about.kind !== 'log-reply' && about.kind !== 'should-build-reply' && about.kind !== 'digest-reply') {
    return [await understandOther(incoming, context)];
  }
  if (envelope.twoOfOne !== null) {
    const reason = `there are two ${envelope.twoOfOne} fields`;
    return [unauthenticated(draftOf(incoming, about.kind), { method: 'none', ok: false, key: null, reason }, context)];
  }
  return about.kind === 'digest-reply'
    ? understandDigestReply(incoming, context)
    : [await understandReply(incoming, about, context)];
};

/**
 * Understands one mail. One element, but for an answer to a digest: one for each signed block.
 *
 * What only a store can tell (outdated, wrong state, a replayed signature) is not part of it: see `replay` and `token`.
 */
export async function understand(raw: Uint8Array, context: IncomingContext): Promise<Understood[]> {
  const mail = decodeMail(raw);
  const envelope = readEnvelope(mail, context.conf.mail.address);
  const incoming: Incoming = { mail, envelope, contents: contentsOf(mail.root), about: aboutOf(envelope.subjects) };
  if (mail.header.overlong)
    return [forwarded(draftOf(incoming, 'other'), 'the header has too many fields to be looked at')];
  const from = envelope.sender ?? valueOf(mail.header, 'from') ?? '';
  if (isBlacklisted(context.blacklist, from))
    return [dropped(draftOf(incoming, 'other'), 'the sender is in mail-blacklist')];
  const bounce = bounceOf(mail);
  if (bounce?.kind === 'bounce') return [bounced(incoming, bounce)];
  if (isNotice(incoming.about)) return [understandNotice(incoming, incoming.about, context)];
  const byProgram = automatic(incoming, context.conf);
  return byProgram === null ? personal(incoming, context) : [byProgram];
}
