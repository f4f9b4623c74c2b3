// Header fields of our own mails. Every value passes through here, so that none ever holds a line break, a control
// character or raw eight-bit text (RFC 5322 §2.2, RFC 2047).
import { harmless } from '../../platform/logger.ts';

export type HeaderField = readonly [name: string, value: string];

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const two = (n: number): string => String(n).padStart(2, '0');

/** A date as a Date field has it (RFC 5322 §3.3), in UTC. */
export function mailDate(date: Date): string {
  const day = `${days[date.getUTCDay()] ?? ''}, ${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

const longestValue = 400;
// An encoded word has at most 75 characters (RFC 2047 §2): 63 are left for base64, that is 45 bytes.
const bytesInWord = 45;

/** Text for a Subject, a display name, an X- field: one line, cut at 400 characters, encoded where it is not ASCII. */
export function headerText(text: string): string {
  const flat = harmless(text);
  const value = flat.length > longestValue ? `${flat.slice(0, longestValue)}...` : flat;
  // `=?` is encoded too: what only looks like an encoded word must not be decoded by the reader.
  if (/^[\x20-\x7e]*$/.test(value) && !value.includes('=?')) return value;
  return encodedWords(value);
}

const encodedWords = (text: string): string => {
  const words: string[] = [];
  let word = Buffer.alloc(0);
  for (const character of text) {
    const bytes = Buffer.from(character, 'utf8');
    if (word.length + bytes.length > bytesInWord) {
      words.push(word.toString('base64'));
      word = Buffer.alloc(0);
    }
    word = Buffer.concat([word, bytes]);
  }
  words.push(word.toString('base64'));
  return words.map((base64) => `=?UTF-8?B?${base64}?=`).join(' ');
};

const addressPattern = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)?$/;

/** Whether this is a plain address (`user@example.org`, or `root` for a local mailbox) and nothing else. */
export function isAddress(text: string): boolean {
  return addressPattern.test(text);
}

export interface Mailbox {
  /** Display name; empty for none. */
  readonly name: string;
  readonly address: string;
}

/** Reads `Name <address>` or a bare address; null if it is neither. */
export function parseMailbox(text: string): Mailbox | null {
  const trimmed = text.trim();
  if (isAddress(trimmed)) return { name: '', address: trimmed };
  if (trimmed.length > 500 || !trimmed.endsWith('>')) return null;
  const open = trimmed.lastIndexOf('<');
  const address = trimmed.slice(open + 1, -1);
  if (open < 0 || !isAddress(address)) return null;
  return {
    name: trimmed
      .slice(0, open)
      .trim()
      .replace(/^"(.*)"$/, '$1'),
    address,
  };
}

/** A mailbox as From and To have it. */
export function formatMailbox({ name, address }: Mailbox): string {
  if (name === '') return address;
  const text = headerText(name);
  const phrase =
    text.startsWith('=?') || /^[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*$/.test(text)
      ? text
      : `"${text.replace(/["\\]/g, '\\$&')}"`;
  return `${phrase} <${address}>`;
}

/** Whether this is a Message-ID of the kind that can stand in References: `<left@right>`, no blanks. */
export function isMessageId(text: string): boolean {
  return text.length <= 500 && /^<[!-;=?-~]+@[!-;=?-~]+>$/.test(text);
}

/**
 * Fields as lines that end in CRLF, folded at blanks where they are longer than 78 characters.
 * Whatever control character a value still holds is taken out here: the last gate before the mail.
 */
export function formatFields(fields: readonly HeaderField[]): string {
  return fields
    .map(([name, value]) => `${fold(`${name}: ${value.replace(/[\u0000-\u001f\u007f-\uffff]+/g, ' ')}`)}\r\n`)
    .join('');
}

const fold = (line: string): string => {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    // The first word is the field's name; a line of blanks alone must not come about.
    if (longer.length > 78 && current.trim() !== '' && !/^[!-9;-~]+:$/.test(current) && word !== '') {
      lines.push(current);
      current = ` ${word}`;
    } else {
      current = longer;
    }
  }
  return [...lines, current].join('\r\n');
};
