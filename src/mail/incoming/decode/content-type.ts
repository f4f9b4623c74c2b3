// `type/subtype; name=value; …` as Content-Type and Content-Disposition have it (RFC 2045 §5.1, continuations of
// RFC 2231 §3). The first of two parameters with the same name counts. Never throws.

export interface ContentType {
  /** Lower case, `text/plain` and so on; empty where there is none. */
  readonly type: string;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const longest = 8192;
const token = /\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;"]*))/sy;

const parametersOf = (text: string): Map<string, string> => {
  const found = new Map<string, string>();
  let at = text.indexOf(';');
  while (at >= 0 && at < text.length) {
    token.lastIndex = at + 1;
    const match = token.exec(text);
    const end = match === null ? at + 1 : token.lastIndex;
    if (match !== null) {
      const name = (match[1] ?? '').toLowerCase();
      const value = match[2]?.replace(/\\(.)/gs, '$1') ?? match[3] ?? '';
      if (!found.has(name)) found.set(name, value);
    }
    at = text.indexOf(';', end);
  }
  return joined(found);
};

// boundary*0="ab"; boundary*1="cd" is boundary=abcd; the character set of boundary*0* is of no interest here.
const joined = (found: Map<string, string>): Map<string, string> => {
  for (const [name, value] of [...found]) {
    const base = /^([^*]+)\*0\*?$/.exec(name)?.[1];
    if (base === undefined || found.has(base)) continue;
    let whole = value;
    for (let number = 1; number < 100; number += 1) {
      const next = found.get(`${base}*${number}`) ?? found.get(`${base}*${number}*`);
      if (next === undefined) break;
      whole += next;
    }
    found.set(base, whole);
  }
  return found;
};

/** Reads the raw value of a field; null is a field that is not there. */
export function parseContentType(raw: string | null): ContentType {
  const text = (raw ?? '').slice(0, longest);
  const semicolon = text.indexOf(';');
  const type = (semicolon < 0 ? text : text.slice(0, semicolon)).trim().toLowerCase();
  return { type, parameters: semicolon < 0 ? new Map() : parametersOf(text) };
}
