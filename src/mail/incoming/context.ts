// What understanding a mail needs from outside, as plain data and one port: nothing here is read from a clock, a file
// or a database.
import type { BuilddConf } from '../../config/buildd-conf.ts';
import type { TokenSubject } from '../token.ts';
import type { ArmoredKeys } from './signature/keyring.ts';

/** A mail that we sent with a token that authorises. */
export interface Letter extends TokenSubject {
  /** Without angle brackets. */
  readonly messageId: string;
  readonly created: Date;
  /** What happened since, for a token that is dead (`was answered already: "retry" by …`); null while it is good. */
  readonly answered: string | null;
  /** The answer that was accepted was a .changes: it can still be called back. */
  readonly approved: 'approved' | 'not approved';
}

export interface TokenPort {
  /** The home's secret (32 bytes). */
  readonly secret: Uint8Array;
  /** The letters about a build that carry an authorising token; none for a build that is not known. */
  lettersOf(build: number): readonly Letter[];
}

export interface IncomingContext {
  readonly conf: BuilddConf;
  readonly now: Date;
  /** The keys of `[auth] admin_keyring`; keep the array, its keys are parsed once. */
  readonly keys: ArmoredKeys;
  /** Null where there is no store (`--explain`): then a token proves nothing. */
  readonly tokens: TokenPort | null;
  /** The lines of mail-blacklist. */
  readonly blacklist: readonly RegExp[];
}
