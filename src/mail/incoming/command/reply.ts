// Answers to our mails: to a log, to "Should I build", to a digest. Proof first, whatever the answer says; then the
// command; then the role that the command needs.
import type { Role } from '../../../config/buildd-conf.ts';
import { understandChanges, looksLikeChanges } from './approval.ts';
import { judgeToken, mayDo } from '../authorize/authorize.ts';
import { isBugReferenceAlone, readCommand, type Command } from './command.ts';
import type { IncomingContext } from '../context.ts';
import { logKeywords, shouldBuildKeywords } from './keywords.ts';
import { applied, draftOf, notUnderstood, unauthenticated, type Draft } from '../classify/outcome.ts';
import { proveKeyword, type Proof } from '../authorize/proof.ts';
import { readClear, readText, type Incoming, type Readable, type Reading } from '../signature/reading.ts';
import { signedParts } from '../signature/signed-part.ts';
import type { AboutBuild } from '../decode/subject.ts';
import type { Action, Understood } from '../understood.ts';

const mostBlocks = 100;

// What makes sense after a mail was answered: an upload is called back after it was approved.
const afterwards: readonly Action[] = ['upload-rem', 'not-for-us', 'undo', 'status', 'help'];
const whileApproved: readonly Action[] = ['upload-rem', 'manual', 'undo', 'status', 'help'];

const isClosedTo = ({ closed }: Proof, action: Action, argument: string | null): boolean => {
  if (closed === null) return false;
  if (closed.by === 'token of an approved upload') return !whileApproved.includes(action);
  return !afterwards.includes(action) && !(action === 'fail' && isBugReferenceAlone(argument ?? ''));
};

// Every action that a keyword stands for is a role of the same name.
const roleOf = (action: Action): Role => action as Role;

const objectionTo = (about: AboutBuild, { conf }: IncomingContext): string | null => {
  if (about.badName !== null) return `"${about.badName.slice(0, 80)}" in the subject is not a name`;
  const known = conf.distributions.some((distribution) => distribution.dist_name === about.distribution);
  return known ? null : `${about.distribution ?? 'that'} is not a distribution that is built here`;
};

const obey = (
  command: Command,
  about: AboutBuild,
  draft: Draft,
  proof: Proof,
  context: IncomingContext,
): Understood => {
  const objection = objectionTo(about, context);
  if (objection !== null) return notUnderstood(draft, proof, objection);
  if (command.kind === 'not-understood' && proof.closed?.by === 'token of an approved upload')
    return unauthenticated(draft, { ...proof.auth, ok: false, reason: proof.closed.reason }, context);
  if (command.kind === 'not-understood') return notUnderstood(draft, proof, command.reason);
  const { action, argument, priority } = command;
  if (proof.closed !== null && isClosedTo(proof, action, argument))
    return unauthenticated(draft, { ...proof.auth, ok: false, reason: proof.closed.reason }, context);
  if (!mayDo(proof.admins, roleOf(action), about.distribution)) {
    return unauthenticated(
      draft,
      { ...proof.auth, ok: false, reason: `this admin may not ${action} in ${about.distribution ?? ''}` },
      context,
    );
  }
  return applied({ ...draft, argument, priority }, proof, action, `${action}, answered by an admin`);
};

const keyword = (reading: Readable, incoming: Incoming, about: AboutBuild, context: IncomingContext): Understood => {
  const draft = draftOf(incoming, about.kind);
  const proof = proveKeyword(reading, incoming, context);
  const command = readCommand(reading.kind === 'signed' ? reading.signed.text : reading.text, {
    keywords: about.kind === 'log-reply' ? logKeywords : shouldBuildKeywords,
    package: about.package,
    banners: context.conf.mail.banner_patterns,
  });
  if (!proof.auth.ok) {
    // Who sends a signature is judged by it alone.
    const asksForHelp = reading.kind === 'unsigned' && command.kind === 'command' && command.action === 'help';
    return unauthenticated({ ...draft, unprovenWish: asksForHelp ? 'help' : null }, proof.auth, context);
  }
  const replay = reading.kind === 'signed' ? reading.signed.verification.replay : null;
  return obey(command, about, { ...draft, replay }, proof, context);
};

/** An answer to a log mail or to "Should I build". */
export async function understandReply(
  incoming: Incoming,
  about: AboutBuild,
  context: IncomingContext,
): Promise<Understood> {
  const reading = await readText(incoming.contents, context);
  if (reading.kind === 'refused') return unauthenticated(draftOf(incoming, about.kind), reading.auth, context);
  if (reading.kind === 'signed' && about.kind === 'log-reply' && looksLikeChanges(reading.signed.text)) {
    // The signature is proof enough; a good token adds which build and claim is meant.
    const token = judgeToken(incoming.envelope, about, context);
    const letter = token.kind === 'good' ? token.letter : null;
    return understandChanges(reading.signed, draftOf(incoming, about.kind), { about, letter }, context);
  }
  return keyword(reading, incoming, about, context);
}

/**
 * An answer to a digest: each clear text block is a .changes of its own, at most 100, no keywords. Whether the digest
 * listed it, the store tells.
 */
export async function understandDigestReply(incoming: Incoming, context: IncomingContext): Promise<Understood[]> {
  const draft = draftOf(incoming, 'digest-reply');
  const refuse = (reason: string): Understood[] => [
    unauthenticated(draft, { method: 'signature', ok: false, key: null, reason }, context),
  ];
  const parts = signedParts(incoming.contents);
  if (parts.length === 0) return refuse('an answer to a digest holds signed .changes files; there is none');
  if (parts.length > mostBlocks) return refuse(`there are more than ${mostBlocks} signed parts`);
  if (!context.conf.auth.accept.includes('signature'))
    return refuse('signatures are no proof here (accept has no "signature")');
  const understood: Understood[] = [];
  for (const [index, part] of parts.entries()) {
    const own: Draft = { ...draft, part: index + 1 };
    const reading: Reading =
      part.kind === 'clear'
        ? await readClear(part, context)
        : {
            kind: 'refused',
            auth: {
              method: 'signature',
              ok: false,
              key: null,
              reason: part.kind === 'malformed' ? part.reason : 'not a clear text signature',
            },
          };
    understood.push(
      reading.kind === 'signed'
        ? understandChanges(reading.signed, own, { about: null, letter: null }, context)
        : unauthenticated(
            own,
            reading.kind === 'refused' ? reading.auth : { method: 'none', ok: false, key: null, reason: 'not signed' },
            context,
          ),
    );
  }
  return understood;
}
