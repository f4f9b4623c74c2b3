// Finds what in a mail is signed with OpenPGP: one clear text block, or one PGP/MIME part (RFC 3156), also inside the
// multipart/mixed of a mailing list. Says when there is more than one, or one that cannot be read. Verifies nothing.
import { findClearSigned, type ClearSigned } from './clearsigned.ts';
import type { Content, TextContent } from '../decode/content.ts';
import { contentBytes, mostText, type MailPart } from '../decode/decode.ts';

/** A signed block with the ways in which its text may have been changed on the way, likeliest first. */
export interface ClearPart {
  readonly kind: 'clear';
  readonly readings: readonly ClearSigned[];
  readonly charset: string | null;
}

export interface MimePart {
  readonly kind: 'mime';
  /** The first part with its header, over CRLF. */
  readonly canonical: Buffer;
  readonly armoredSignature: string;
}

type SignedPart =
  | { readonly kind: 'none' }
  /** Refused: there is a signature, but not exactly one that can be checked. */
  | { readonly kind: 'malformed'; readonly reason: string }
  | ClearPart
  | MimePart;

const largestSignature = 64 * 1024;
// Bytes: the text that a command may be in, in base64, and as much again. Verifying takes a multiple in memory.
const largestSignedPart = 3 * mostText;

const crlf = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');

const mimePart = (part: MailPart): SignedPart => {
  const [content, signature] = part.children;
  const protocol = (part.contentType.parameters.get('protocol') ?? '').toLowerCase();
  if (content === undefined || signature === undefined || part.children.length !== 2) {
    return { kind: 'malformed', reason: 'the signed mail has not exactly two parts' };
  }
  if (protocol !== 'application/pgp-signature' || signature.contentType.type !== 'application/pgp-signature') {
    return { kind: 'malformed', reason: 'the signed mail is not of the types that RFC 3156 wants' };
  }
  if (content.end - content.start > largestSignedPart)
    return { kind: 'malformed', reason: 'the signed part is larger than 3 MiB' };
  const armored = contentBytes(signature, largestSignature).toString('latin1').replace(/\r\n/g, '\n').trim();
  if (!armored.startsWith('-----BEGIN PGP SIGNATURE-----') || !armored.endsWith('-----END PGP SIGNATURE-----')) {
    return { kind: 'malformed', reason: 'the signature is not one armored block' };
  }
  const canonical = crlf(part.header.bytes.subarray(content.start, content.end));
  return { kind: 'mime', canonical, armoredSignature: `${armored}\n` };
};

const clearParts = (content: TextContent): SignedPart[] => {
  const [first, ...others] = content.signable.map(findClearSigned);
  if (first === undefined || first.kind === 'none') return [];
  if (first.kind === 'malformed') return [first];
  return first.blocks.map((block, index) => ({
    kind: 'clear',
    readings: [
      block,
      ...others.flatMap((other) => (other.kind === 'blocks' ? other.blocks.slice(index, index + 1) : [])),
    ],
    charset: content.charset,
  }));
};

/** All signed parts in the contents, in order, those that cannot be read among them. */
export function signedParts(contents: readonly Content[]): SignedPart[] {
  return contents.flatMap((content): SignedPart[] => {
    if (content.kind === 'text') return clearParts(content);
    if (content.kind === 'pgp-mime') return [mimePart(content.part)];
    return [{ kind: 'malformed', reason: `there is ${content.what}` }];
  });
}

/** The one signed part of a mail; several are malformed, because nobody could say which one counts. */
export function signedPart(contents: readonly Content[]): SignedPart {
  const parts = signedParts(contents);
  const malformed = parts.find((part) => part.kind === 'malformed');
  if (malformed !== undefined) return malformed;
  if (parts.length > 1) return { kind: 'malformed', reason: 'there is more than one signed part' };
  return parts[0] ?? { kind: 'none' };
}
