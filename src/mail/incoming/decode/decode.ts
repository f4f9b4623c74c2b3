// Raw bytes to a tree of MIME parts that keeps where each part lies in the bytes, because a signature is over exactly
// those. Bounded in depth and number, linear in its input, and it never throws: a mail may be anything.
import { parseContentType, type ContentType } from './content-type.ts';
import { decodeTransfer } from './transfer-encoding.ts';
import { readHeader, valueOf, type HeaderBlock } from './header-fields.ts';

export interface MailPart {
  readonly header: HeaderBlock;
  /** `text/plain` where the part says nothing. */
  readonly contentType: ContentType;
  readonly isAttachment: boolean;
  /** The whole part, its header included, as the range [start, end) of the bytes. */
  readonly start: number;
  readonly end: number;
  readonly children: readonly MailPart[];
}

export interface DecodedMail {
  readonly bytes: Buffer;
  readonly root: MailPart;
  readonly header: HeaderBlock;
  /** Whether something was left out: too deep, too many parts, too many header fields. */
  readonly truncated: boolean;
}

const deepest = 20;
const mostParts = 200;
/** Bytes of decoded text that a command may be looked for in. */
export const mostText = 1024 * 1024;

interface Walk {
  readonly bytes: Buffer;
  parts: number;
  truncated: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const newline = 0x0a;

// RFC 2046 §5.1.1: a delimiter is a whole line; blank space behind it is transport padding.
const delimiterAt = (
  bytes: Buffer,
  at: number,
  length: number,
  range: Range,
): { after: number; closes: boolean } | null => {
  if (at !== range.start && bytes[at - 1] !== newline) return null;
  const closes = bytes[at + length] === 0x2d && bytes[at + length + 1] === 0x2d;
  let after = at + length + (closes ? 2 : 0);
  while (after < range.end && (bytes[after] === 0x20 || bytes[after] === 0x09 || bytes[after] === 0x0d)) after += 1;
  if (after < range.end && bytes[after] !== newline) return null;
  return { after: Math.min(after + 1, range.end), closes };
};

// The line break in front of a delimiter belongs to the delimiter.
const endBefore = (bytes: Buffer, at: number, start: number): number => {
  if (at <= start) return start;
  return at - 2 >= start && bytes[at - 2] === 0x0d ? at - 2 : at - 1;
};

const split = (walk: Walk, range: Range, boundary: string): Range[] => {
  const bytes = walk.bytes.subarray(0, range.end);
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Range[] = [];
  let open: number | null = null;
  let at = bytes.indexOf(delimiter, range.start);
  while (at >= 0 && at < range.end) {
    const found = delimiterAt(bytes, at, delimiter.length, range);
    if (found !== null) {
      if (open !== null) parts.push({ start: open, end: endBefore(bytes, at, open) });
      open = found.after;
      if (found.closes) return parts;
      if (walk.parts + parts.length >= mostParts) {
        walk.truncated = true;
        return parts;
      }
    }
    at = bytes.indexOf(delimiter, found?.after ?? at + 1);
  }
  if (open !== null) parts.push({ start: open, end: range.end });
  return parts;
};

const childrenOf = (walk: Walk, header: HeaderBlock, type: ContentType, end: number, depth: number): MailPart[] => {
  const boundary = type.parameters.get('boundary') ?? '';
  if (!type.type.startsWith('multipart/') || boundary === '' || boundary.length > 200) return [];
  if (depth >= deepest) {
    walk.truncated = true;
    return [];
  }
  const fallback = type.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  return split(walk, { start: header.bodyStart, end }, boundary).flatMap((range) => {
    if (walk.parts >= mostParts) {
      walk.truncated = true;
      return [];
    }
    return [partOf(walk, range, depth + 1, fallback)];
  });
};

const partOf = (walk: Walk, { start, end }: Range, depth: number, fallback: string): MailPart => {
  walk.parts += 1;
  const header = readHeader(walk.bytes, start, end);
  if (header.overlong) walk.truncated = true;
  const declared = valueOf(header, 'content-type');
  const contentType = parseContentType(declared === null || declared === '' ? fallback : declared);
  const isAttachment = parseContentType(valueOf(header, 'content-disposition')).type === 'attachment';
  return { header, contentType, isAttachment, start, end, children: childrenOf(walk, header, contentType, end, depth) };
};

/** Reads a mail, or a part of one that stands alone. At most 20 levels and 200 parts; what is beyond is left out. */
export function decodeMail(raw: Uint8Array): DecodedMail {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const walk: Walk = { bytes, parts: 0, truncated: false };
  const root = partOf(walk, { start: 0, end: bytes.length }, 0, 'text/plain');
  return { bytes, root, header: root.header, truncated: walk.truncated };
}

/** The bytes of a part that has no parts, its transfer encoding taken off; at most `limit`. */
export function contentBytes(part: MailPart, limit: number): Buffer {
  const body = part.header.bytes.subarray(part.header.bodyStart, part.end);
  return decodeTransfer(body, valueOf(part.header, 'content-transfer-encoding'), limit);
}
