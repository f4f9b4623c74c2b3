// Which parts of a mail are what its sender wrote, in reading order: text, and signed parts. Attachments, enclosed
// mails, preambles and epilogues are not, and hold no commands. Never throws.
import { decodeCharset } from './charset.ts';
import { contentBytes, decodeMail, mostText, type MailPart } from './decode.ts';
import { unflow, unstuff } from './flowed.ts';
import { htmlToText } from './html-text.ts';
import { contentOfSignedData } from './smime.ts';

export interface TextContent {
  readonly kind: 'text';
  /** As it is read: LF, flowed lines joined. */
  readonly text: string;
  /** What a clear text signature in it may be over, the likeliest reading first. */
  readonly signable: readonly Buffer[];
  readonly charset: string | null;
}

export type Content =
  | TextContent
  | { readonly kind: 'pgp-mime'; readonly part: MailPart }
  /** A signature, or something encrypted, that belongs to nothing that can be read. */
  | { readonly kind: 'unreadable'; readonly what: string };

interface Budget {
  /** Bytes of text that may still be decoded. */
  left: number;
}

const lf = (text: string): string => text.replace(/\r\n?/g, '\n');

const textContent = (part: MailPart, budget: Budget): TextContent => {
  const bytes = contentBytes(part, budget.left);
  budget.left -= bytes.length;
  const { type, parameters } = part.contentType;
  const charset = parameters.get('charset') ?? null;
  const plain = lf(decodeCharset(bytes, charset));
  if (type === 'text/html') {
    const text = htmlToText(plain);
    return { kind: 'text', text, signable: [Buffer.from(text)], charset: 'utf-8' };
  }
  if (parameters.get('format')?.toLowerCase() !== 'flowed')
    return { kind: 'text', text: plain, signable: [bytes], charset };
  const unstuffed = Buffer.from(unstuff(bytes.toString('latin1')), 'latin1');
  const delsp = parameters.get('delsp')?.toLowerCase() === 'yes' ? 'yes' : 'no';
  return { kind: 'text', text: unflow(plain, delsp), signable: [unstuffed, bytes], charset };
};

const isText = (part: MailPart): boolean =>
  ['text/plain', '', 'text', 'application/pgp'].includes(part.contentType.type);

// text/plain first; a text/plain without text is what programs put there that cannot make one.
const alternative = (part: MailPart, budget: Budget): Content[] => {
  const plain = part.children.find((child) => isText(child) && !child.isAttachment);
  if (plain !== undefined) {
    const content = textContent(plain, budget);
    if (content.text.trim() !== '') return [content];
  }
  for (const child of part.children) {
    const contents = child === plain ? [] : contentsOf(child, budget);
    if (contents.length > 0) return contents;
  }
  return [];
};

const signed = (part: MailPart, budget: Budget): Content[] => {
  const protocol = (part.contentType.parameters.get('protocol') ?? '').toLowerCase();
  const isPgp =
    protocol === 'application/pgp-signature' ||
    part.children.some((child) => child.contentType.type === 'application/pgp-signature');
  if (isPgp) return [{ kind: 'pgp-mime', part }];
  // S/MIME: nobody's certificates are known here, so only the content counts.
  const [first] = part.children;
  return first === undefined ? [] : contentsOf(first, budget);
};

const isWrapped = (part: MailPart): boolean =>
  ['application/pkcs7-mime', 'application/x-pkcs7-mime'].includes(part.contentType.type);

// Only at the top, so that wrapping in wrapping needs no limit of its own; programs call it an attachment.
const wrapped = (part: MailPart, budget: Budget): Content[] => {
  const content = part.start === 0 ? contentOfSignedData(contentBytes(part, 2 * mostText)) : null;
  if (content === null) return [];
  const { root } = decodeMail(content);
  return isWrapped(root) ? [] : contentsOf(root, budget);
};

const multipart = (part: MailPart, budget: Budget): Content[] => {
  switch (part.contentType.type) {
    case 'multipart/signed':
      return signed(part, budget);
    case 'multipart/alternative':
      return alternative(part, budget);
    case 'multipart/related':
      return part.children.slice(0, 1).flatMap((child) => contentsOf(child, budget));
    case 'multipart/encrypted':
      return [{ kind: 'unreadable', what: 'an encrypted part' }];
    default:
      return part.children.flatMap((child) => contentsOf(child, budget));
  }
};

/** The contents of a part and those in it. */
export function contentsOf(part: MailPart, budget: Budget = { left: mostText }): Content[] {
  if (part.contentType.type.startsWith('multipart/')) return multipart(part, budget);
  if (part.contentType.type === 'application/pgp-signature')
    return [{ kind: 'unreadable', what: 'a signature that stands alone' }];
  if (isWrapped(part)) return wrapped(part, budget);
  if (part.isAttachment) return [];
  return isText(part) || part.contentType.type === 'text/html' ? [textContent(part, budget)] : [];
}

/** The text in which a command is looked for: that of the first part that has any; empty where none has. */
export function answerText(contents: readonly Content[]): string {
  const texts = contents.flatMap((content) => (content.kind === 'text' ? [content.text] : []));
  return texts.find((text) => text.trim() !== '') ?? '';
}
