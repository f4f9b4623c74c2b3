// How our mails are named: the address that answers go to, and Message-IDs. The same mail rendered again after a
// crash has the same ids, so nothing here is random. A token never goes into a mail whose reader is not its recipient.
import { createHash, createHmac } from 'node:crypto';
import { makeToken, type TokenSubject } from '../token.ts';

const split = (address: string): { local: string; domain: string | null } => {
  const at = address.lastIndexOf('@');
  return at < 0 ? { local: address, domain: null } : { local: address.slice(0, at), domain: address.slice(at + 1) };
};

// The domain of Message-IDs is that of the buildd's own address.
function domainOf(ownAddress: string): string {
  return split(ownAddress).domain ?? 'localhost';
}

/** `buildd+TOKEN@domain`: the address of the buildd that carries a token. */
export function tokenAddress(ownAddress: string, token: string): string {
  const { local, domain } = split(ownAddress);
  return domain === null ? `${local}+${token}` : `${local}+${token}@${domain}`;
}

/** `<b.TOKEN@domain>`: the Message-ID of a mail that can be answered. */
export function tokenMessageId(ownAddress: string, token: string): string {
  return `<b.${token}@${domainOf(ownAddress)}>`;
}

/**
 * The token of one recipient's copy. Only an admin's is made with the secret; any other copy gets one of the same
 * form, made with a key that nothing is ever checked against: it proves nothing, not even when a row of the letters
 * table says otherwise.
 */
export function tokenFor(
  secret: Uint8Array,
  subject: TokenSubject,
  authorises: 'authorises' | 'proves nothing',
): string {
  if (authorises === 'authorises') return makeToken(secret, subject);
  return makeToken(createHmac('sha256', secret).update('proves nothing').digest(), subject);
}

/** The Message-ID of any other mail: from the intent that causes it and what is asked for. */
export function derivedMessageId(
  ownAddress: string,
  kind: 'notice' | 'answer' | 'forward',
  intentId: string,
  request: object,
): string {
  const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 16);
  return `<${kind.charAt(0)}.${intentId}.${digest}@${domainOf(ownAddress)}>`;
}
