// Debian's control file format (policy §5.1, deb822(5)): stanzas of `Field: value` with continuation lines.
// For small files (.dsc, .changes); indexes of a whole archive are read by indexes.ts, as a stream.
import { DataError } from '../platform/errors.ts';

/** Fields by their name in lower case; values with continuation lines joined by `\n`, first line trimmed. */
export type Stanza = ReadonlyMap<string, string>;

const longestField = 10 * 1024 * 1024;

/**
 * Reads all stanzas of a text.
 * @throws DataError naming what and the line, for a line that is neither field nor continuation, or a field given twice.
 */
function parseStanzas(text: string, what: string): Stanza[] {
  const stanzas: Stanza[] = [];
  let fields = new Map<string, string>();
  let last: string | null = null;
  const lines = text.split('\n');
  lines.forEach((raw, index) => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.trim() === '') {
      if (fields.size > 0) stanzas.push(fields);
      fields = new Map();
      last = null;
    } else if (line.startsWith('#')) {
      return;
    } else if (line.startsWith(' ') || line.startsWith('\t')) {
      if (last === null) throw new DataError(`${what}: line ${index + 1}: a continuation line without a field`);
      const joined = `${fields.get(last) ?? ''}\n${line.slice(1).trimEnd()}`;
      if (joined.length > longestField) throw new DataError(`${what}: line ${index + 1}: field is too long`);
      fields.set(last, joined);
    } else {
      const match = /^([!-,.-9;-~][!-9;-~]*):(.*)$/s.exec(line);
      if (!match) throw new DataError(`${what}: line ${index + 1}: not a field: ${line.slice(0, 60)}`);
      last = (match[1] ?? '').toLowerCase();
      if (fields.has(last)) throw new DataError(`${what}: line ${index + 1}: field ${match[1] ?? ''} is there twice`);
      fields.set(last, (match[2] ?? '').trim());
    }
  });
  if (fields.size > 0) stanzas.push(fields);
  return stanzas;
}

/** Reads a text that must be exactly one stanza. @throws DataError */
export function parseStanza(text: string, what: string): Stanza {
  const stanzas = parseStanzas(text, what);
  const [stanza] = stanzas;
  if (stanza === undefined || stanzas.length !== 1)
    throw new DataError(`${what}: ${stanzas.length} stanzas instead of one`);
  return stanza;
}
