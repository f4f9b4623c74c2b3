// A clear text signature (RFC 9580 §7) cut out of a text by hand, so that exactly one reading of it exists: what is
// verified is what is read, and what stands around it is nobody's word. Verifies nothing itself. Never throws.

export interface ClearSigned {
  /** What the signature is over: dash escapes off, no blank space at line ends, CRLF between lines. */
  readonly canonical: Buffer;
  readonly armoredSignature: string;
  /** The names in Hash headers, upper case. */
  readonly hashes: readonly string[];
  /** From BEGIN to END, LF at line ends: what is put into a file so that others can verify it again. */
  readonly block: Buffer;
}

type ClearSignedSearch =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'blocks'; readonly blocks: readonly ClearSigned[] };

const begin = /^-----BEGIN PGP (?:SIGNED MESSAGE|SIGNATURE|MESSAGE)[^-]{0,40}-----/;
const beginText = /^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*$/;
const beginSignature = /^-----BEGIN PGP SIGNATURE-----[ \t]*$/;
const endSignature = /^-----END PGP SIGNATURE-----[ \t]*$/;
const hashHeader = /^Hash:((?:[ \t]*[A-Za-z0-9-]{1,20}[ \t]*,)*[ \t]*[A-Za-z0-9-]{1,20})[ \t]*$/;

class Malformed extends Error {}

const linesOf = (bytes: Buffer): string[] =>
  bytes
    .toString('latin1')
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));

const indexFrom = (lines: readonly string[], from: number, pattern: RegExp): number => {
  for (let i = from; i < lines.length; i += 1) if (pattern.test(lines[i] ?? '')) return i;
  return -1;
};

const trimmedEnd = (line: string): string => {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return line.slice(0, end);
};

const unescaped = (line: string): string => {
  if (!line.startsWith('-')) return trimmedEnd(line);
  if (!line.startsWith('- ')) throw new Malformed('a line of the signed text begins with a dash that is not escaped');
  return trimmedEnd(line.slice(2));
};

const headersEnd = (
  lines: readonly string[],
  start: number,
): { readonly hashes: string[]; readonly textStart: number } => {
  const hashes: string[] = [];
  for (let i = start; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    if (/^[ \t]*$/.test(line)) return { hashes, textStart: i + 1 };
    const names = hashHeader.exec(line)?.[1];
    if (names === undefined)
      throw new Malformed(`the signed part has a header other than Hash: "${line.slice(0, 40)}"`);
    hashes.push(...names.split(',').map((name) => name.trim().toUpperCase()));
  }
  throw new Malformed('the signed part ends in its header');
};

const blockAt = (lines: readonly string[], start: number): { readonly block: ClearSigned; readonly end: number } => {
  const { hashes, textStart } = headersEnd(lines, start + 1);
  const signature = indexFrom(lines, textStart, begin);
  if (signature < 0 || !beginSignature.test(lines[signature] ?? ''))
    throw new Malformed('the signed text has no signature');
  const end = indexFrom(lines, signature, endSignature);
  if (end < 0) throw new Malformed('the signature has no end');
  const block: ClearSigned = {
    canonical: Buffer.from(lines.slice(textStart, signature).map(unescaped).join('\r\n'), 'latin1'),
    armoredSignature: `${lines
      .slice(signature, end + 1)
      .map(trimmedEnd)
      .join('\n')}\n`,
    hashes,
    block: Buffer.from(`${lines.slice(start, end + 1).join('\n')}\n`, 'latin1'),
  };
  return { block, end };
};

/** Looks for signed blocks in a text. A quoted one (`> -----BEGIN …`) is somebody else's words and is not seen. */
export function findClearSigned(bytes: Buffer): ClearSignedSearch {
  const lines = linesOf(bytes);
  const blocks: ClearSigned[] = [];
  try {
    for (let at = indexFrom(lines, 0, begin); at >= 0;) {
      if (!beginText.test(lines[at] ?? ''))
        throw new Malformed('there is a part of an OpenPGP message that cannot be read');
      const { block, end } = blockAt(lines, at);
      blocks.push(block);
      at = indexFrom(lines, end + 1, begin);
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { kind: 'malformed', reason: error.message };
  }
  return blocks.length === 0 ? { kind: 'none' } : { kind: 'blocks', blocks };
}

/**
 * What the signature of a .changes is over, as the archive reads it: UTF-8 (policy §5.1), whatever charset a mail
 * claims for it. Bytes without a signature are the text itself.
 */
export function textUnderSignature(bytes: Buffer): string {
  const found = findClearSigned(bytes);
  const block = found.kind === 'blocks' ? found.blocks[0] : undefined;
  return (block?.canonical ?? bytes).toString('utf8').replaceAll('\r\n', '\n');
}
