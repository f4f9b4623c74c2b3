// The fields of a mail's header that decide something, decoded: subject, sender, ids, and the tokens in its addresses.
// Whether a field is there twice is kept, because then nobody can say which one a reader saw. Never throws.
import { createHash } from 'node:crypto';
import { harmless } from '../../../platform/logger.ts';
import { readToken } from '../../token.ts';
import type { DecodedMail } from './decode.ts';
import { decodeWords } from './encoded-word.ts';
import { countOf, valueOf, valuesOf, type HeaderBlock } from './header-fields.ts';
import { addressesIn, parseMailbox } from './mailbox.ts';

export interface Envelope {
  /** Each Subject, decoded; normally one. */
  readonly subjects: readonly string[];
  /** The one mailbox of the one From, lower case; null otherwise. */
  readonly sender: string | null;
  readonly twoOfOne: 'Subject' | 'From' | null;
  readonly messageId: string | null;
  readonly references: readonly string[];
  readonly sha256: string;
  /** The first token in the places where ours stand; null if there is none. */
  readonly token: string | null;
}

/** The first Subject, decoded; empty where there is none. */
export function encodedSubject(header: HeaderBlock): string {
  return decodeWords(valueOf(header, 'subject') ?? '').trim();
}

const idsIn = (raw: string): string[] =>
  [...raw.slice(0, 20_000).matchAll(/<([^\s<>]{1,500})>/g)].map((match) => match[1] ?? '');

/** Whether an address is the buildd's own, with or without a token (`buildd+TOKEN@HOST`); `buildd+arm64@HOST` is another's. */
export function isOwnAddress(address: string, own: string): boolean {
  const extension = extensionOf(address, own);
  return extension === '' || (extension !== null && readToken(extension) !== null);
}

// The extension, empty where the address has none; null where it is somebody else's.
const extensionOf = (address: string, own: string): string | null => {
  const at = own.lastIndexOf('@');
  const local = own.slice(0, at < 0 ? undefined : at).toLowerCase();
  const domain = at < 0 ? '' : own.slice(at).toLowerCase();
  const text = address.toLowerCase();
  if (text === own.toLowerCase()) return '';
  return text.startsWith(`${local}+`) && text.endsWith(domain)
    ? text.slice(local.length + 1, text.length - domain.length)
    : null;
};

const tokenIn = (header: HeaderBlock, own: string): string | null => {
  const extensions = ['to', 'cc', 'delivered-to', 'x-original-to'].flatMap((name) =>
    valuesOf(header, name)
      .slice(0, 50)
      .flatMap((value) => addressesIn(value).map((address) => extensionOf(address, own) ?? '')),
  );
  const ids = [idsIn(valueOf(header, 'in-reply-to') ?? '')[0], idsIn(valueOf(header, 'references') ?? '').at(-1)];
  const fromIds = ids.map((id) => /^b\.([A-Za-z2-7]+)@/.exec(id ?? '')?.[1] ?? '');
  return [...extensions, ...fromIds].find((text) => readToken(text) !== null)?.toLowerCase() ?? null;
};

/** Reads what decides out of a mail's header. */
export function readEnvelope(mail: DecodedMail, ownAddress: string): Envelope {
  const { header } = mail;
  const froms = valuesOf(header, 'from');
  return {
    subjects: valuesOf(header, 'subject')
      .slice(0, 10)
      .map((raw) => decodeWords(raw).trim()),
    sender: froms.length === 1 ? parseMailbox(froms[0] ?? '') : null,
    twoOfOne: countOf(header, 'subject') > 1 ? 'Subject' : froms.length > 1 ? 'From' : null,
    messageId: idsIn(valueOf(header, 'message-id') ?? '')[0] ?? null,
    references: idsIn(valueOf(header, 'references') ?? '').slice(-20),
    sha256: createHash('sha256').update(mail.bytes).digest('hex'),
    token: tokenIn(header, ownAddress),
  };
}

const quotedLines = 20;
const quotedWidth = 200;

/** The head of a text as an answer quotes it: harmless, at most 20 lines. */
export function quoteOf(text: string): string[] {
  const lines = text.slice(0, 20_000).trimEnd().split('\n');
  const head = lines.slice(0, quotedLines).map((line) => harmless(line.slice(0, quotedWidth)));
  return lines.length > quotedLines ? [...head, '[…]'] : head;
}
