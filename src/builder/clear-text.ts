// The text inside of a clear-signed file (RFC 9580 §7). For files whose checksums count here and not their signature.
import { DataError } from '../platform/errors.ts';

/**
 * Takes the frame of a signature off; a text without one is returned as it is. Nothing is verified.
 * @throws DataError where the frame is not complete.
 */
export function clearText(text: string, what: string): string {
  if (!/^-----BEGIN PGP SIGNED MESSAGE-----\r?\n/.test(text)) return text;
  const start = /\r?\n\r?\n/.exec(text);
  const end = text.indexOf('\n-----BEGIN PGP SIGNATURE-----');
  if (!start || end < start.index) throw new DataError(`${what}: the signature around it is not complete`);
  return text.slice(start.index + start[0].length, end + 1).replace(/^- /gm, '');
}
