// What our own mail server found out about a mail's sender (Authentication-Results, RFC 8601). Anybody can write such
// a field; it counts as proof only with our server's name and above the topmost Received. Never throws.
import { countOf, rawValue, type HeaderBlock } from '../decode/header-fields.ts';

interface Results {
  /** Whether one of ours, wherever it stands, says that DMARC failed. */
  readonly dmarcFailed: boolean;
  /** Domains for which a field that can be trusted says that DKIM or DMARC passed; lower case. */
  readonly passed: readonly string[];
}

const longest = 8000;

const withoutComments = (text: string): string => {
  let depth = 0;
  let out = '';
  for (const character of text.slice(0, longest)) {
    if (character === '(') depth += 1;
    if (depth === 0) out += character;
    if (character === ')' && depth > 0) depth -= 1;
  }
  return out;
};

interface Method {
  readonly name: string;
  readonly result: string;
  readonly domain: string;
}

const methodsOf = (value: string, authservId: string): Method[] => {
  const [id = '', ...methods] = withoutComments(value)
    .split(';')
    .map((part) => part.trim());
  if (id.split(/\s+/)[0]?.toLowerCase() !== authservId.toLowerCase()) return [];
  return methods.flatMap((text) => {
    const [, name = '', result = ''] = /^(dkim|dmarc)\s*=\s*([a-z]+)/i.exec(text) ?? [];
    const domain = /\sheader\.(?:d|from|i)\s*=\s*"?@?([A-Za-z0-9.-]+)/i.exec(text)?.[1] ?? '';
    return name === ''
      ? []
      : [{ name: name.toLowerCase(), result: result.toLowerCase(), domain: domain.toLowerCase() }];
  });
};

/** Reads the fields of a header that bear this server's name (`trusted_authserv_id`). */
export function readResults(header: HeaderBlock, authservId: string): Results {
  const firstReceived = header.fields.findIndex((field) => field.name === 'received');
  const all: Method[] = [];
  const passed: string[] = [];
  if (countOf(header, 'authentication-results') > 100) return { dmarcFailed: true, passed };
  header.fields.forEach((field, index) => {
    if (field.name !== 'authentication-results') return;
    const methods = methodsOf(rawValue(header, field), authservId);
    all.push(...methods);
    if (firstReceived >= 0 && index > firstReceived) return;
    passed.push(
      ...methods.filter((method) => method.result === 'pass' && method.domain !== '').map((method) => method.domain),
    );
  });
  return {
    dmarcFailed: all.some((method) => method.name === 'dmarc' && method.result === 'fail'),
    passed,
  };
}

/** Whether one of the domains is the address's own, or one above it. */
export function coversAddress(domains: readonly string[], address: string): boolean {
  const own = address.slice(address.lastIndexOf('@') + 1);
  return domains.some((domain) => own === domain || own.endsWith(`.${domain}`));
}
