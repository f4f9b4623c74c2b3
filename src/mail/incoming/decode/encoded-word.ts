// Encoded words in header fields (RFC 2047): `=?utf-8?Q?gr=C3=BCn?=`. Adjacent ones are one text, even where a
// character is cut in two between them. Never throws.
import { decodeCharset } from './charset.ts';
import { decodeTransfer } from './transfer-encoding.ts';

const word = /=\?([^?\s]{1,60})\?([bqBQ])\?([^?\s]{0,2000})\?=/g;

interface Run {
  readonly charset: string;
  readonly bytes: Buffer[];
}

const bytesOf = (encoding: string, text: string): Buffer =>
  encoding.toLowerCase() === 'b'
    ? Buffer.from(text, 'base64')
    : decodeTransfer(Buffer.from(text.replaceAll('_', '=20'), 'latin1'), 'quoted-printable', text.length);

const textOf = (run: Run): string => decodeCharset(Buffer.concat(run.bytes), run.charset);

/** Decodes the raw value of a field (one byte to a character) to text on one line. */
export function decodeWords(raw: string): string {
  let text = '';
  let run: Run | null = null;
  let last = 0;
  for (const match of raw.matchAll(word)) {
    const [whole, label = '', encoding = '', content = ''] = match;
    const between = raw.slice(last, match.index);
    // RFC 2231 §5: a language may follow the character set.
    const charset = (label.split('*')[0] ?? '').toLowerCase();
    const adjacent = run !== null && between.trim() === '';
    if (run !== null && (!adjacent || run.charset !== charset)) {
      text += textOf(run);
      run = null;
    }
    if (!adjacent) text += decodeCharset(Buffer.from(between, 'latin1'), null);
    run ??= { charset, bytes: [] };
    run.bytes.push(bytesOf(encoding, content));
    last = match.index + whole.length;
  }
  if (run !== null) text += textOf(run);
  text += decodeCharset(Buffer.from(raw.slice(last), 'latin1'), null);
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
