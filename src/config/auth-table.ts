// [auth] of buildd.conf: whose word counts, and what proves that it is theirs.
import * as v from 'valibot';
import { address, days, distributionName, fingerprint, oneOrMore, strings, text } from './values.ts';

const admin = v.strictObject({
  addresses: v.array(address, 'expected a list of mail addresses'),
  fingerprints: v.optional(v.array(fingerprint), []),
  roles: v.optional(strings, ['all']),
  distributions: v.optional(v.array(distributionName)),
});

/** The table. */
export const authTable = v.strictObject({
  admin_keyring: v.optional(oneOrMore(text), []),
  accept: v.optional(
    v.array(v.picklist(['signature', 'token', 'sender'], 'expected "signature", "token" or "sender"')),
    ['signature', 'token'],
  ),
  /** Days. */
  max_signature_age: v.optional(days, 4),
  trusted_notices: v.optional(v.array(address), []),
  trusted_authserv_id: v.optional(text),
  admin_addresses: v.optional(v.array(address)),
  admins: v.optional(v.array(admin), []),
});
