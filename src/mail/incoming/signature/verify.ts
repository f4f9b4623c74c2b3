// Is this signature one that counts: exactly one, by a key in the ring that is and was valid, fresh, over these bytes?
// Says by which primary key. It must never look at user ids: who may do what is decided by fingerprint.
import { createHash } from 'node:crypto';
import type { PublicKey, SignaturePacket } from 'openpgp';
import type { SignatureKey } from '../../../home/replay.ts';
import { rfc3339 } from '../../../platform/clock.ts';
import { messageOf } from '../../../platform/errors.ts';
import { keysOf, type ArmoredKeys } from './keyring.ts';

export type Verification =
  | { readonly ok: true; readonly key: string; readonly replay: SignatureKey }
  /** `key` is the primary fingerprint where the ring has the key that claims to have signed. */
  | { readonly ok: false; readonly key: string | null; readonly reason: string };

export interface SignedBytes {
  readonly kind: 'clear' | 'mime';
  readonly canonical: Buffer;
  readonly armoredSignature: string;
  /** The names of Hash headers, upper case; none where the form has no such headers. */
  readonly hashes: readonly string[];
}

interface Policy {
  readonly keys: ArmoredKeys;
  readonly now: Date;
  /** Days. */
  readonly maxAge: number;
}

const day = 86_400_000;
const aheadAllowed = 600_000;
// RFC 9580 §9.5; SHA-1, RIPEMD, MD5 and the short SHA-224 are missing on purpose.
const hashNames = new Map([
  [8, 'SHA256'],
  [9, 'SHA384'],
  [10, 'SHA512'],
  [12, 'SHA3-256'],
  [14, 'SHA3-512'],
]);
// RFC 9580 §5.2.1: a signature over a document, binary or text; certifications and the like are none.
const binarySignature = 0;
const textSignature = 1;

const refused = (reason: string, key: string | null = null): Verification => ({ ok: false, key, reason });

const objection = (packet: SignaturePacket, signed: SignedBytes, { now, maxAge }: Policy): string | null => {
  const type = packet.signatureType as number | null;
  const allowed = signed.kind === 'clear' ? [textSignature] : [binarySignature, textSignature];
  if (type === null || !allowed.includes(type)) return 'the signature is not one over a text';
  const hash = hashNames.get(packet.hashAlgorithm as number);
  if (hash === undefined) return 'the signature was made with a hash weaker than SHA-256';
  if (signed.hashes.length > 0 && !signed.hashes.includes(hash)) return 'the Hash header is not that of the signature';
  const created = packet.created?.getTime();
  if (created === undefined) return 'the signature has no time';
  if (created > now.getTime() + aheadAllowed) return 'the signature is from the future; check the clocks';
  if (now.getTime() - created > maxAge * day) return `the signature is older than ${maxAge} days; sign again`;
  if (packet.isExpired(new Date(Math.max(created, now.getTime())))) return 'the signature has expired';
  return null;
};

const keyUsable = async (key: PublicKey, packet: SignaturePacket, date: Date): Promise<boolean> => {
  try {
    // Throws when the primary or the signing key is expired or revoked at that date.
    await key.getSigningKey(packet.issuerKeyID, date);
    return true;
  } catch {
    return false;
  }
};

const byKey = async (signed: SignedBytes, packet: SignaturePacket, policy: Policy): Promise<Verification> => {
  const { createMessage, readSignature, verify } = await import('openpgp');
  const key = (await keysOf(policy.keys)).find((candidate) => candidate.getKeys(packet.issuerKeyID).length > 0);
  if (key === undefined)
    return refused(
      `the signature is by a key that is not in the keyring (${packet.issuerKeyID.toHex().toUpperCase()})`,
    );
  const fingerprint = key.getFingerprint().toUpperCase();
  const signedAt = packet.created ?? policy.now;
  const later = new Date(Math.max(signedAt.getTime(), policy.now.getTime()));
  const usable = (await keyUsable(key, packet, signedAt)) && (await keyUsable(key, packet, later));
  if (!usable || (await key.isRevoked(undefined, undefined, later)))
    return refused('the key is expired or revoked', fingerprint);
  const { signatures } = await verify({
    message: await createMessage({ binary: new Uint8Array(signed.canonical) }),
    signature: await readSignature({ armoredSignature: signed.armoredSignature }),
    verificationKeys: [key],
    date: later,
    format: 'binary',
  });
  const [only] = signatures;
  if (only === undefined || signatures.length !== 1) return refused('there is not exactly one signature', fingerprint);
  try {
    await only.verified;
  } catch (error) {
    return refused(`the signature is bad: ${messageOf(error).slice(0, 200)}`, fingerprint);
  }
  const sha256 = createHash('sha256').update(signed.canonical).digest('hex');
  return { ok: true, key: fingerprint, replay: { fingerprint, signedAt: rfc3339(signedAt), sha256 } };
};

/** Verifies a signature against the admins' keys at the policy's time. Never throws for anything in a mail. */
export async function verifySignature(signed: SignedBytes, policy: Policy): Promise<Verification> {
  const { readSignature } = await import('openpgp');
  try {
    const { packets } = await readSignature({ armoredSignature: signed.armoredSignature });
    const [packet] = packets;
    if (packet === undefined || packets.length !== 1) return refused('there is not exactly one signature');
    const reason = objection(packet, signed, policy);
    return reason === null ? await byKey(signed, packet, policy) : refused(reason, await claimedKey(packet, policy));
  } catch (error) {
    return refused(`the signature cannot be read: ${messageOf(error).slice(0, 200)}`);
  }
}

const claimedKey = async (packet: SignaturePacket, { keys }: Policy): Promise<string | null> => {
  const key = (await keysOf(keys)).find((candidate) => candidate.getKeys(packet.issuerKeyID).length > 0);
  return key?.getFingerprint().toUpperCase() ?? null;
};
