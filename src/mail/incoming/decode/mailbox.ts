// Addresses in From, To and the like (RFC 5322 §3.4), strictly: who may command a build daemon is decided by them, so
// whatever could be read in two ways is no address. Never throws; linear in its input.

type Token =
  | { readonly kind: 'text'; readonly text: string; readonly spaceBefore: boolean }
  | { readonly kind: 'quoted' }
  | { readonly kind: 'angle'; readonly text: string }
  | { readonly kind: 'special'; readonly text: ',' | ';' | ':' };

const longest = 20_000;

const endOfQuoted = (text: string, start: number): number => {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i;
  }
  return -1;
};

const endOfComment = (text: string, start: number): number => {
  let depth = 0;
  for (let i = start; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '(') depth += 1;
    else if (text[i] === ')') depth -= 1;
    if (depth === 0) return i;
  }
  return -1;
};

// Null for anything unbalanced.
const tokensOf = (text: string): Token[] | null => {
  const tokens: Token[] = [];
  let spaceBefore = false;
  for (let i = 0; i < text.length;) {
    const character = text[i] ?? '';
    const end =
      character === '"'
        ? endOfQuoted(text, i)
        : character === '('
          ? endOfComment(text, i)
          : character === '<'
            ? text.indexOf('>', i)
            : i;
    if (end < 0) return null;
    if (character === '"') tokens.push({ kind: 'quoted' });
    else if (character === '<') tokens.push({ kind: 'angle', text: text.slice(i + 1, end).trim() });
    else if (character === ',' || character === ';' || character === ':')
      tokens.push({ kind: 'special', text: character });
    else if (character === '>' || character === ')') return null;
    else if (character !== '(' && !/\s/.test(character)) {
      const word = /[^\s"(),:;<>]+/y;
      word.lastIndex = i;
      const found = word.exec(text)?.[0] ?? '';
      tokens.push({ kind: 'text', text: found, spaceBefore });
      i += found.length;
      spaceBefore = false;
      continue;
    }
    spaceBefore = true;
    i = end + 1;
  }
  return tokens;
};

const addressOf = (tokens: readonly Token[]): string | null => {
  const angles = tokens.filter((token) => token.kind === 'angle');
  if (angles.length > 0) {
    // A name may stand in front of the angle brackets; nothing may stand behind them.
    const [angle] = angles;
    return angles.length === 1 && tokens.at(-1) === angle && angle !== undefined ? checked(angle.text) : null;
  }
  const [only] = tokens;
  return tokens.length === 1 && only?.kind === 'text' ? checked(only.text) : null;
};

const checked = (text: string): string | null =>
  text.length <= 320 && /^[^\s@<>(),;:\\"[\]]+(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?$/.test(text)
    ? lowerCase(text)
    : null;

// ASCII letters only: some others become ASCII ones (the Kelvin sign), and an address would become another's.
const lowerCase = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * The addresses of a raw field value, in lower case; null when it is not a plain list of mailboxes (groups,
 * unbalanced quotes, two addresses in one).
 */
export function parseMailboxes(raw: string): string[] | null {
  if (raw.length > longest) return null;
  const tokens = tokensOf(raw);
  if (tokens === null) return null;
  const addresses: string[] = [];
  let current: Token[] = [];
  for (const token of [...tokens, { kind: 'special', text: ',' } as const]) {
    if (token.kind !== 'special') {
      current.push(token);
      continue;
    }
    if (token.text !== ',') return null;
    if (current.length > 0) {
      const address = addressOf(current);
      if (address === null) return null;
      addresses.push(address);
    }
    current = [];
  }
  return addresses;
}

/** The address of a value that is exactly one mailbox, in lower case; null for anything else. */
export function parseMailbox(raw: string): string | null {
  const addresses = parseMailboxes(raw);
  return addresses?.length === 1 ? (addresses[0] ?? null) : null;
}

/** Whatever looks like an address in a value, in lower case: for finding a token, never for trusting somebody. */
export function addressesIn(raw: string): string[] {
  return [...raw.slice(0, longest).matchAll(/(?<![^\s<>(),;:"])[^\s@<>(),;:"]{1,200}@[A-Za-z0-9.-]{1,200}/g)].map(
    ([address]) => address.toLowerCase(),
  );
}
