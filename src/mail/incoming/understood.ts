// What a mail was understood to be: the outcome of reading it, as plain data. Whoever acts on it looks only at this,
// never at the mail again.
import type { SignatureKey } from '../../home/replay.ts';

export type Kind =
  | 'log-reply'
  | 'should-build-reply'
  | 'digest-reply'
  | 'command'
  | 'archive-notice'
  | 'queue-notice'
  | 'new-version'
  | 'blacklist'
  | 'bounce'
  | 'auto-reply'
  | 'other';

export type Action =
  | 'changes'
  | 'retry'
  | 'fail'
  | 'dep-wait'
  | 'give-back'
  | 'manual'
  | 'newvers'
  | 'not-for-us'
  | 'upload-rem'
  | 'purge'
  | 'undo'
  | 'build'
  | 'no-build'
  | 'help'
  | 'status'
  | 'installed'
  | 'accepted'
  | 'rejected'
  | 'new-queue'
  | 'queue-ok'
  | 'new-version'
  | 'blacklist'
  | 'forward'
  | 'none';

export interface Authentication {
  readonly method: 'signature' | 'token' | 'sender' | 'notice' | 'none';
  readonly ok: boolean;
  /** Primary fingerprint, upper case; null where no key took part. */
  readonly key: string | null;
  readonly reason: string;
}

/** What a .changes says, as `--explain` shows it. */
export interface ChangesArgument {
  readonly source: string;
  readonly version: string;
  readonly distribution: string;
  readonly architecture: string;
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

/** A .changes that an admin has signed. */
export interface ApprovedChanges {
  /**
   * The bytes to put into the queue. `signed`: the clear text block as the admin sent it. `unsigned`: the answer was
   * PGP/MIME, whose detached signature no .changes can carry, so this is the verified text alone.
   */
  readonly form: 'signed' | 'unsigned';
  readonly bytes: Uint8Array;
}

export interface Understood {
  /** 0, or the number of the block in a digest's reply, from 1. */
  readonly part: number;
  readonly kind: Kind;
  readonly action: Action;
  readonly package: string | null;
  readonly version: string | null;
  readonly dist: string | null;
  readonly argument: string | ChangesArgument | null;
  /** Of a give-back. */
  readonly priority: number | null;
  /** The one mailbox in From, lower case; null for none, several, or none that is one. */
  readonly sender: string | null;
  readonly auth: Authentication;
  readonly decision: 'apply' | 'refuse' | 'forward' | 'drop';
  readonly code: 'unauthenticated' | 'not-understood' | null;
  readonly reason: string;

  /** As the subject names it. */
  readonly architecture: string | null;
  readonly changes: ApprovedChanges | null;
  /** The build whose token proved it; null where none did. `claim` is that of the token's letter. */
  readonly token: { readonly build: number; readonly claim: number | null; readonly messageId: string } | null;
  readonly replay: SignatureKey | null;
  /** Addresses of the admin entries that the proof stands for, for telling the others. */
  readonly admins: readonly string[];
  readonly notice: Notice | null;
  /** What an unproven mail asks for that is no secret and changes nothing; null for anything else. */
  readonly unprovenWish: 'help' | null;
  readonly mail: MailIdentity;
}

export interface Notice {
  /** The file's name, checked; null where the notice names none. */
  readonly changes: string | null;
  /** A policy queue (`stable->proposed-updates`): nothing was installed. */
  readonly onlyLogged: boolean;
}

/** What is needed to answer, forward and recognise the mail. */
export interface MailIdentity {
  /** Without angle brackets; null where there is none. */
  readonly messageId: string | null;
  /** SHA-256 of the whole mail, lower-case hex. */
  readonly sha256: string;
  readonly subject: string;
  /** Where an answer goes; null where none may be sent, for the reason in `noAnswer`. */
  readonly answerTo: string | null;
  readonly noAnswer: string | null;
  /** The token in its addresses or ids, whatever it is worth; null where there is none. */
  readonly token: string | null;
  /** The References that an answer carries, oldest first, without angle brackets. */
  readonly references: readonly string[];
  /** The head of the text, harmless, to be quoted in an answer. */
  readonly quote: readonly string[];
}
