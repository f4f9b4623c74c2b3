// A signed .changes as an answer: the approval of a build. Needs a signature by a key with that role for every
// distribution it names, and must be about what the subject is about. Whether its files are there, the store tells.
import { parseChanges, type Changes } from '../../../debian/changes.ts';
import { messageOf } from '../../../platform/errors.ts';
import { mayDo } from '../authorize/authorize.ts';
import { textUnderSignature } from '../signature/clearsigned.ts';
import type { IncomingContext, Letter } from '../context.ts';
import { applied, notUnderstood, unauthenticated, type Draft } from '../classify/outcome.ts';
import { proveBySignature, type Proof } from '../authorize/proof.ts';
import type { SignedText } from '../signature/reading.ts';
import type { AboutBuild } from '../decode/subject.ts';
import type { ChangesArgument, Understood } from '../understood.ts';

/** Whether a signed text is meant to be a .changes. */
export function looksLikeChanges(text: string): boolean {
  const head = text.trimStart();
  return (
    /^[A-Z][A-Za-z0-9-]{1,40}:/.test(head) &&
    /^Source:/m.test(head) &&
    /^(?:Distribution|Files|Checksums-Sha256):/m.test(head)
  );
}

const argumentOf = (changes: Changes): ChangesArgument => ({
  source: changes.source,
  version: changes.version,
  distribution: changes.distributions.join(' '),
  architecture: changes.architectures.join(' '),
  files: changes.files,
});

const misfit = (changes: Changes, about: AboutBuild): string | null => {
  if (changes.source !== about.package || changes.version !== about.version) {
    return `the .changes is of ${changes.source}_${changes.version}, the subject is about ${about.package ?? '?'}_${about.version ?? '?'}`;
  }
  if (about.distribution === null || !changes.distributions.includes(about.distribution)) {
    return `the .changes is for ${changes.distributions.join(' ')}, the subject is about ${about.distribution ?? 'no distribution'}`;
  }
  if (about.architecture !== null && !changes.architectures.includes(about.architecture)) {
    return `the .changes is of ${changes.architectures.join(' ')}, the subject is about ${about.architecture}`;
  }
  return null;
};

const judge = (
  changes: Changes,
  draft: Draft,
  proof: Proof,
  about: AboutBuild | null,
  context: IncomingContext,
): Understood => {
  const refuse = (reason: string): Understood => unauthenticated(draft, { ...proof.auth, ok: false, reason }, context);
  const problem = about === null ? null : misfit(changes, about);
  if (problem !== null) return refuse(problem);
  const known = context.conf.distributions.map((distribution) => distribution.dist_name);
  const unknown = changes.distributions.find((distribution) => !known.includes(distribution));
  if (unknown !== undefined) return notUnderstood(draft, proof, `${unknown} is not a distribution that is built here`);
  const forbidden = changes.distributions.find((distribution) => !mayDo(proof.admins, 'changes', distribution));
  if (forbidden !== undefined) return refuse(`this key may not approve uploads to ${forbidden}`);
  return applied(draft, proof, 'changes', `.changes of ${changes.source}_${changes.version}, signed by an admin`);
};

interface Answered {
  /** Null where the subject names no build: then the .changes says for itself what it is about. */
  readonly about: AboutBuild | null;
  /** The mail that is answered, where a good token names it. */
  readonly letter: Letter | null;
}

/** What a signed text that looks like a .changes amounts to. */
export function understandChanges(
  signed: SignedText,
  draft: Draft,
  { about, letter }: Answered,
  context: IncomingContext,
): Understood {
  const proof: Proof = { ...proveBySignature(signed, context), letter };
  if (!proof.auth.ok) return unauthenticated(draft, proof.auth, context);
  if (!mayDo(proof.admins, 'changes', null)) {
    return unauthenticated(draft, { ...proof.auth, ok: false, reason: 'this key may not approve uploads' }, context);
  }
  const base: Draft = { ...draft, replay: signed.verification.replay };
  let changes: Changes;
  try {
    changes = parseChanges(textUnderSignature(Buffer.from(signed.approved.bytes)));
  } catch (error) {
    return notUnderstood(base, proof, messageOf(error));
  }
  const named: Draft = {
    ...base,
    ...(about === null && {
      package: changes.source,
      version: changes.version,
      dist: changes.distributions.join(' '),
      architecture: changes.architectures.find((name) => name !== 'source') ?? null,
    }),
  };
  const full: Draft = { ...named, argument: argumentOf(changes), changes: signed.approved };
  const outcome = judge(changes, full, proof, about, context);
  return outcome.decision === 'apply' ? outcome : { ...outcome, argument: null, changes: null };
}
