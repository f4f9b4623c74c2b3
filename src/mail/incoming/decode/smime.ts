// Opaque S/MIME (RFC 8551 §3.5.2): the mail is wrapped in a CMS SignedData. Nobody's certificates are known here, so
// the wrapping proves nothing; only the content is taken out. Never throws; what is not understood holds nothing.

// `id-data` (RFC 5652 §4) as an object identifier: the content stands right behind it.
const idData = Buffer.from([0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]);
const explicitContent = 0xa0;
const octets = 0x04;
const octetsInPieces = 0x24;

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

// X.690 §8.1: tag, length, value; an indefinite length (0x80) goes on to the end of what surrounds it.
const elementAt = (bytes: Buffer, at: number, end: number): Element | null => {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 1 >= end) return null;
  if (first < 0x80) return { tag, start: at + 2, end: Math.min(at + 2 + first, end) };
  const count = first & 0x7f;
  if (count === 0) return { tag, start: at + 2, end };
  if (count > 4 || at + 2 + count > end) return null;
  const length = bytes.readUIntBE(at + 2, count);
  return { tag, start: at + 2 + count, end: Math.min(at + 2 + count + length, end) };
};

const pieces = (bytes: Buffer, outer: Element): Buffer => {
  const found: Buffer[] = [];
  let at = outer.start;
  for (
    let element = elementAt(bytes, at, outer.end);
    element?.tag === octets;
    element = elementAt(bytes, at, outer.end)
  ) {
    found.push(bytes.subarray(element.start, element.end));
    at = element.end;
  }
  return Buffer.concat(found);
};

/** The content of a CMS SignedData; null where there is none that can be read. */
export function contentOfSignedData(bytes: Buffer): Buffer | null {
  const at = bytes.indexOf(idData);
  if (at < 0) return null;
  const wrapper = elementAt(bytes, at + idData.length, bytes.length);
  if (wrapper?.tag !== explicitContent) return null;
  const content = elementAt(bytes, wrapper.start, wrapper.end);
  if (content?.tag === octets) return bytes.subarray(content.start, content.end);
  return content?.tag === octetsInPieces ? pieces(bytes, content) : null;
}
