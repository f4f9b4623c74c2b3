// Links that open an answer ready to send (RFC 6068). Many mailers drop In-Reply-To from a mail begun by such a link,
// so the address itself carries the token.
import { wellFormed } from './lines.ts';

/** A mailto link; every character but letters, digits and `-._~` is escaped, so that no reader takes `+` for a blank. */
export function mailtoLink(to: string, subject: string, body: string | null): string {
  const address = escape(to).replaceAll('%40', '@');
  const text = body === null ? '' : `&body=${escape(body.replaceAll('\n', '\r\n'))}`;
  return `mailto:${address}?subject=${escape(subject)}${text}`;
}

const escape = (text: string): string =>
  encodeURIComponent(wellFormed(text)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
