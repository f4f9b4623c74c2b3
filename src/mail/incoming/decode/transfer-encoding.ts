// Content-Transfer-Encoding (RFC 2045 §6): the bytes of a part, at most as many as are wanted. Never throws; what is
// no valid code is taken as it stands.

const hexDigit = (byte: number | undefined): number => {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const upper = byte & 0xdf;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1;
};

// Blank space at the end of a line is no content (RFC 2045 §6.7 rule 3); relays put it there.
const withoutLineEndBlanks = (raw: Buffer): Buffer =>
  Buffer.from(raw.toString('latin1').replace(/(?<![ \t])[ \t]+(?=\r?\n)/g, ''), 'latin1');

const quotedPrintable = (encoded: Buffer): Buffer => {
  const raw = withoutLineEndBlanks(encoded);
  const out = Buffer.allocUnsafe(raw.length);
  let length = 0;
  for (let i = 0; i < raw.length; i += 1) {
    const byte = raw[i] ?? 0;
    if (byte === 0x3d) {
      const softBreak = raw[i + 1] === 0x0a ? 1 : raw[i + 1] === 0x0d && raw[i + 2] === 0x0a ? 2 : 0;
      const high = hexDigit(raw[i + 1]);
      const low = hexDigit(raw[i + 2]);
      if (softBreak > 0 || i + 1 === raw.length) {
        i += softBreak;
        continue;
      }
      if (high >= 0 && low >= 0) {
        out[length] = high * 16 + low;
        length += 1;
        i += 2;
        continue;
      }
    }
    out[length] = byte;
    length += 1;
  }
  return out.subarray(0, length);
};

/** Decodes a part's body; no more than `limit` bytes come out. */
export function decodeTransfer(raw: Buffer, encoding: string | null, limit: number): Buffer {
  switch ((encoding ?? '').trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(raw.toString('latin1', 0, limit * 2), 'base64').subarray(0, limit);
    case 'quoted-printable':
      return quotedPrintable(raw.subarray(0, limit * 3)).subarray(0, limit);
    default:
      return raw.subarray(0, limit);
  }
}
