// Bytes to text, whatever character set they are said to be in. Never throws: what cannot be decoded becomes U+FFFD.
import iconv from 'iconv-lite';

// What RFC 2046 calls US-ASCII is in practice "nobody set it", so 8-bit text in it is guessed.
const undeclared = new Set(['', 'us-ascii', 'ascii', 'ansi_x3.4-1968', 'unknown-8bit', 'x-unknown', 'default']);

// WHATWG reads Latin-1 as Windows-1252, because that is what those who declare it send. iconv-lite does it by name;
// Node's own decoder takes Windows-1252 for Latin-1 instead.
const windows1252 = (bytes: Uint8Array): string => iconv.decode(bytes, 'windows-1252');

const guessed = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return windows1252(bytes);
  }
};

// TextDecoder throws for the names it does not know.
const builtIn = (bytes: Uint8Array, charset: string): string | null => {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return null;
  }
};

/** Decodes bytes from the named character set (any case); without a known name as UTF-8 if they are, else Windows-1252. */
export function decodeCharset(bytes: Uint8Array, charset: string | null): string {
  const name = (charset ?? '').trim().toLowerCase();
  if (undeclared.has(name)) return guessed(bytes);
  if (name === 'utf-8' || name === 'utf8') return new TextDecoder('utf-8').decode(bytes);
  if (name === 'iso-8859-1' || name === 'latin1') return windows1252(bytes);
  if (iconv.encodingExists(name)) return iconv.decode(bytes, name);
  return builtIn(bytes, name) ?? guessed(bytes);
}
