// The header of a mail or of one of its parts, as the bytes have it: every field, in order, duplicates too. Values are
// cut out only when somebody asks for them, so that a header of any size costs little. Never throws.

export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** Where the value begins and ends in the bytes: behind the colon, continuation lines included. */
  readonly start: number;
  readonly end: number;
}

export interface HeaderBlock {
  readonly bytes: Buffer;
  /** In the order of the mail. */
  readonly fields: readonly HeaderField[];
  /** Whether there were more fields than are kept; what follows them was not looked at. */
  readonly overlong: boolean;
  /** Where the body begins. */
  readonly bodyStart: number;
}

const mostFields = 200_000;
const longestName = 100;
const longestValue = 64 * 1024;

const newline = 0x0a;
const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09;

const lineEnd = (bytes: Buffer, from: number, end: number): number => {
  const at = bytes.indexOf(newline, from);
  return at < 0 || at >= end ? end : at + 1;
};

const isEmptyLine = (bytes: Buffer, start: number, end: number): boolean =>
  (end - start === 1 && bytes[start] === newline) ||
  (end - start === 2 && bytes[start] === 0x0d && bytes[start + 1] === newline);

// The line that an mbox or a delivery pipe puts in front, and a byte order mark, belong to no header.
const headerStart = (bytes: Buffer, start: number, end: number): number => {
  const from = bytes.subarray(start, start + 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? start + 3 : start;
  const first = bytes.toString('latin1', from, from + 6);
  return first.startsWith('From ') || first.startsWith('>From ') ? lineEnd(bytes, from, end) : from;
};

const fieldOf = (bytes: Buffer, start: number, end: number): HeaderField | null => {
  const colon = bytes.subarray(start, Math.min(end, start + longestName)).indexOf(0x3a);
  if (colon <= 0) return null;
  const name = bytes
    .toString('latin1', start, start + colon)
    .trimEnd()
    .toLowerCase();
  return /^[!-9;-~]+$/.test(name) ? { name, start: start + colon + 1, end } : null;
};

/** Reads the header that begins at `start`. A line that is no field is left out, with its continuation lines. */
export function readHeader(bytes: Buffer, start: number, end: number): HeaderBlock {
  const fields: HeaderField[] = [];
  let at = headerStart(bytes, start, end);
  while (at < end) {
    let next = lineEnd(bytes, at, end);
    if (isEmptyLine(bytes, at, next)) return { bytes, fields, overlong: false, bodyStart: next };
    while (next < end && isBlank(bytes[next])) next = lineEnd(bytes, next, end);
    const field = fieldOf(bytes, at, next);
    if (field !== null) fields.push(field);
    if (fields.length >= mostFields) return { bytes, fields, overlong: true, bodyStart: end };
    at = next;
  }
  return { bytes, fields, overlong: false, bodyStart: end };
}

/** The value's bytes, one to a character, on one line, at most 64 KiB of it. */
export function rawValue(block: HeaderBlock, field: HeaderField): string {
  const end = Math.min(field.end, field.start + longestValue);
  return block.bytes
    .toString('latin1', field.start, end)
    .replace(/\r?\n(?=[ \t])/g, '')
    .replace(/[\r\n]+$/, '')
    .trim();
}

/** The raw values of all fields of this name (lower case), in order. */
export function valuesOf(block: HeaderBlock, name: string): string[] {
  return block.fields.filter((field) => field.name === name).map((field) => rawValue(block, field));
}

/** The raw value of the first field of this name (lower case); null if there is none. */
export function valueOf(block: HeaderBlock, name: string): string | null {
  const field = block.fields.find((candidate) => candidate.name === name);
  return field === undefined ? null : rawValue(block, field);
}

/** How many fields have this name (lower case). */
export function countOf(block: HeaderBlock, name: string): number {
  return block.fields.reduce((count, field) => (field.name === name ? count + 1 : count), 0);
}
