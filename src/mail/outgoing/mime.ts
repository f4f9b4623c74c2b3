// Puts a mail's body together, byte by byte: what is signed must reach the reader as it was signed, so everything is
// 7-bit, in lines that no mail server has a reason to touch (RFC 2045, RFC 3156 §3). Never re-encode a part later.
import { createHash } from 'node:crypto';
import { formatFields, headerText, type HeaderField } from './header.ts';

export interface Attachment {
  readonly name: string;
  /** `text/plain` or `application/gzip`; always sent in base64. */
  readonly type: string;
  readonly content: Uint8Array;
}

/** A finished MIME entity: header fields, an empty line and body, all lines ended by CRLF. */
export type Entity = Buffer;

const longestPlainLine = 900;

/** A text as one entity: as it is where that is safe, else quoted-printable. Line ends of the text are `\n`. */
export function textEntity(text: string): Entity {
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  const plain = isSafe(whole);
  const charset = /^[\x00-\x7f]*$/.test(whole) ? 'us-ascii' : 'utf-8';
  const fields = formatFields([
    ['Content-Type', `text/plain; charset=${charset}`],
    ['Content-Disposition', 'inline'],
    ['Content-Transfer-Encoding', plain ? '7bit' : 'quoted-printable'],
  ]);
  return Buffer.from(`${fields}\r\n${plain ? whole.replaceAll('\n', '\r\n') : quotedPrintable(whole)}`, 'latin1');
}

// `From ` at a line's start becomes `>From ` in mailboxes, blanks at its end get lost, a lone dot ends an SMTP mail.
const isSafe = (text: string): boolean =>
  /^[\t\n\x20-\x7e]*$/.test(text) &&
  !/^From |^\.|[ \t]$/m.test(text) &&
  text.split('\n').every((line) => line.length <= longestPlainLine);

/** Quoted-printable (RFC 2045 §6.7) with lines of at most 76 characters; `\n` becomes CRLF. */
export function quotedPrintable(text: string): string {
  return text.split('\n').map(quotedLine).join('\r\n');
}

const hex = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;

const quotedLine = (line: string): string => {
  const bytes = Buffer.from(line, 'utf8');
  const from = line.startsWith('From ');
  const lines: string[] = [];
  let current = '';
  bytes.forEach((byte, index) => {
    const blank = byte === 0x20 || byte === 0x09;
    const literal = blank ? index < bytes.length - 1 : byte > 0x20 && byte < 0x7f && byte !== 0x3d;
    const risky = index === 0 && (byte === 0x2e || from);
    const unit = literal && !risky ? String.fromCharCode(byte) : hex(byte);
    if (current.length + unit.length > 75) {
      lines.push(`${current}=`);
      current = '';
    }
    current += unit;
  });
  return [...lines, current].join('\r\n');
};

/** A file as one entity, in base64. */
export function attachmentEntity({ name, type, content }: Attachment): Entity {
  const safe = headerText(name).replace(/["\\]/g, '_');
  const fields = formatFields([
    ['Content-Type', `${type}; name="${safe}"`],
    ['Content-Disposition', `attachment; filename="${safe}"`],
    ['Content-Transfer-Encoding', 'base64'],
  ]);
  const base64 = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += 76) lines.push(base64.slice(at, at + 76));
  return Buffer.from(`${fields}\r\n${lines.join('\r\n')}\r\n`, 'latin1');
}

/**
 * Entities as one multipart entity.
 * @param seed what makes the boundary: the same seed gives the same mail again.
 */
export function multipartEntity(type: string, parts: readonly Entity[], seed: string): Entity {
  // `=_` cannot occur in quoted-printable or base64; the hash is not known to who wrote a log.
  const boundary = `=_${createHash('sha256').update(`${type}\0${seed}`).digest('hex').slice(0, 40)}`;
  const fields = formatFields([['Content-Type', `${type}; boundary="${boundary}"`]]);
  const pieces = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), part, Buffer.from('\r\n')]);
  return Buffer.concat([Buffer.from(`${fields}\r\n`), ...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

/** The whole mail: our header fields in front of those of its entity. */
export function mailOf(fields: readonly HeaderField[], entity: Entity): Buffer {
  return Buffer.concat([Buffer.from(formatFields([...fields, ['MIME-Version', '1.0']]), 'latin1'), entity]);
}
