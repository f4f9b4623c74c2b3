// The text of a mail that may be read: where there is a signature, only what the verifier gave back as signed, and
// nothing at all where it does not hold. Decides nothing about who may do what.
import { decodeCharset } from '../decode/charset.ts';
import type { ClearSigned } from './clearsigned.ts';
import { answerText, contentsOf, type Content } from '../decode/content.ts';
import type { IncomingContext } from '../context.ts';
import { decodeMail, type DecodedMail } from '../decode/decode.ts';
import type { Envelope } from '../decode/envelope.ts';
import type { HeaderBlock } from '../decode/header-fields.ts';
import { signedPart, signedParts, type ClearPart, type MimePart } from './signed-part.ts';
import type { About } from '../decode/subject.ts';
import type { ApprovedChanges, Authentication } from '../understood.ts';
import { verifySignature, type SignedBytes, type Verification } from './verify.ts';

/** A mail on its way through the stages. */
export interface Incoming {
  readonly mail: DecodedMail;
  readonly envelope: Envelope;
  readonly contents: readonly Content[];
  readonly about: About;
}

export interface SignedText {
  readonly text: string;
  readonly approved: ApprovedChanges;
  /** The header inside a signed MIME part; null in clear text. */
  readonly header: HeaderBlock | null;
  readonly verification: Extract<Verification, { ok: true }>;
}

/** What there is to read in a mail. */
export type Reading =
  | { readonly kind: 'unsigned'; readonly text: string }
  | { readonly kind: 'signed'; readonly signed: SignedText }
  /** There is a signature that does not hold: nothing of the mail counts. */
  | { readonly kind: 'refused'; readonly auth: Authentication };

export type Readable = Exclude<Reading, { kind: 'refused' }>;

const lf = (text: string): string => text.replace(/\r\n?/g, '\n');

const refused = (reason: string, key: string | null = null): Reading => ({
  kind: 'refused',
  auth: { method: 'signature', ok: false, key, reason },
});

const verifyWith = (context: IncomingContext, signed: SignedBytes): Promise<Verification> =>
  verifySignature(signed, { keys: context.keys, now: context.now, maxAge: context.conf.auth.max_signature_age });

const clearText = (
  reading: ClearSigned,
  charset: string | null,
  verification: SignedText['verification'],
): SignedText => ({
  text: lf(decodeCharset(reading.canonical, charset)),
  approved: { form: 'signed', bytes: reading.block },
  header: null,
  verification,
});

/** Verifies a clear text block, in each of its readings until one holds. */
export async function readClear(part: ClearPart, context: IncomingContext): Promise<Reading> {
  let failure = refused('the signature cannot be read');
  for (const reading of part.readings) {
    const verification = await verifyWith(context, { kind: 'clear', ...reading });
    if (verification.ok) return { kind: 'signed', signed: clearText(reading, part.charset, verification) };
    failure = refused(verification.reason, verification.key);
  }
  return failure;
}

const readMime = async (part: MimePart, context: IncomingContext): Promise<Reading> => {
  const verification = await verifyWith(context, { hashes: [], ...part });
  if (!verification.ok) return refused(verification.reason, verification.key);
  const { header, root } = decodeMail(part.canonical);
  const contents = contentsOf(root);
  if (signedParts(contents).length > 0) return refused('there is a signed part in the signed part', verification.key);
  const text = lf(answerText(contents));
  return {
    kind: 'signed',
    signed: { text, approved: { form: 'unsigned', bytes: Buffer.from(text) }, header, verification },
  };
};

/** The text of a mail, verified where there is a signature; a signature that is there and bad refuses the mail. */
export async function readText(contents: readonly Content[], context: IncomingContext): Promise<Reading> {
  const part = signedPart(contents);
  if (part.kind === 'none') return { kind: 'unsigned', text: answerText(contents) };
  if (part.kind === 'malformed') return refused(part.reason);
  if (!context.conf.auth.accept.includes('signature'))
    return refused('signatures are no proof here (accept has no "signature")');
  return part.kind === 'clear' ? readClear(part, context) : readMime(part, context);
}
