// The token in the Reply-To and Message-ID of a mail that asks an admin for an answer: it proves that whoever answers
// has read that very mail. It must never be made for a recipient who is no admin, and never be compared in a way
// that tells by its duration how much of it was right.
import { createHmac, timingSafeEqual } from 'node:crypto';

export type TokenKind = 'log' | 'should-build' | 'digest';

/** What a token is made for; a token is good for exactly this. */
export interface TokenSubject {
  readonly kind: TokenKind;
  /** The mail address it is sent to; case does not matter. */
  readonly recipient: string;
  /** The number of the build in home.db, 0 to 2³²-1. */
  readonly build: number;
  /** The number of the take; null (not known) counts as 0. */
  readonly claim: number | null;
  /** Empty in a digest, like the next three. */
  readonly package: string;
  /** As the subject of the mail has it. */
  readonly version: string;
  readonly distribution: string;
  readonly architecture: string;
}

export interface ReadToken {
  readonly build: number;
  /** 20 bytes. */
  readonly mac: Uint8Array;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const buildBytes = 4;
const macBytes = 20;
const tokenLength = Math.ceil(((buildBytes + macBytes) * 8) / 5);

const macOf = (secret: Uint8Array, subject: TokenSubject): Buffer => {
  const { kind, recipient, build, claim, package: name, version, distribution, architecture } = subject;
  const text = JSON.stringify([
    kind,
    recipient.toLowerCase(),
    build,
    claim ?? 0,
    name,
    version,
    distribution,
    architecture,
  ]);
  return createHmac('sha256', secret).update(text).digest().subarray(0, macBytes);
};

const toBase32 = (bytes: Uint8Array): string => {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31] ?? '';
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + (alphabet[(value << (5 - bits)) & 31] ?? '');
};

const fromBase32 = (text: string): Buffer | null => {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) return null;
    value = (value << 5) | digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 255);
    }
    value &= (1 << bits) - 1;
  }
  return value === 0 ? Buffer.from(bytes) : null;
};

/**
 * The token for a mail: 39 characters of base32 in lower case (RFC 4648 §6, no padding): the build number as 32 bits,
 * then the first 20 bytes of HMAC-SHA-256 over what it is made for.
 * @throws RangeError when the build number does not fit into 32 bits.
 */
export function makeToken(secret: Uint8Array, subject: TokenSubject): string {
  const head = Buffer.alloc(buildBytes);
  head.writeUInt32BE(subject.build);
  return toBase32(Buffer.concat([head, macOf(secret, subject)]));
}

/** Takes a token apart, in any case of letters; null if the text is none. Proves nothing. */
export function readToken(text: string): ReadToken | null {
  if (text.length !== tokenLength) return null;
  const bytes = fromBase32(text.toLowerCase());
  if (bytes?.length !== buildBytes + macBytes) return null;
  return { build: bytes.readUInt32BE(0), mac: bytes.subarray(buildBytes) };
}

/** Whether the token was made with this secret for this subject; takes the same time whatever is wrong. */
export function tokenMatches(secret: Uint8Array, token: string, subject: TokenSubject): boolean {
  const read = readToken(token);
  if (read === null) return false;
  return timingSafeEqual(read.mac, macOf(secret, subject)) && read.build === subject.build;
}

/**
 * A text without the tokens in it, for logs: addresses and Message-IDs of ours hold one, any mail may quote them, and
 * a log is read by more people than the mail.
 */
export function hideTokens(text: string): string {
  return text.replace(/(?<![a-z2-7])[a-z2-7]{39}(?![a-z2-7])/gi, '…');
}
