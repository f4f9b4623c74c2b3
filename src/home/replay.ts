// The replay table: every signature that was acted on, for ever. A second mail with the same one changes nothing.
import type { HomeDatabase } from './database.ts';

export interface SignatureKey {
  /** Of the primary key, 40 upper-case hex digits. */
  readonly fingerprint: string;
  /** When it was made, RFC 3339. */
  readonly signedAt: string;
  /** SHA-256 of the canonical signed text, 64 lower-case hex digits. */
  readonly sha256: string;
}

/** Whether this signature was acted on before. */
export function wasActedOn(db: HomeDatabase, key: SignatureKey): boolean {
  return (
    db.sql
      .prepare('select 1 from replay where fingerprint = ? and signed_at = ? and sha256 = ?')
      .get(key.fingerprint, key.signedAt, key.sha256) !== undefined
  );
}

/** Notes a signature with the intent that acts on it; call it in the intent's transaction. False: it was there. */
export function noteSignature(db: HomeDatabase, key: SignatureKey, intent: number): boolean {
  const { changes } = db.sql
    .prepare('insert into replay (fingerprint, signed_at, sha256, intent) values (?, ?, ?, ?) on conflict do nothing')
    .run(key.fingerprint, key.signedAt, key.sha256, intent);
  return changes === 1;
}
