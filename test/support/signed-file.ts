// What the real gpg says of a clear-signed file.
import { spawnSync } from 'node:child_process';

/** Whether the file carries a good signature of exactly this key, which the keyring has. */
export function isSignedBy(keyring: string, fingerprint: string, file: string): boolean {
  const verified = spawnSync('gpg', ['--homedir', keyring, '--batch', '--status-fd', '1', '--verify', file], {
    encoding: 'utf8',
  });
  return verified.status === 0 && verified.stdout.includes(`VALIDSIG ${fingerprint}`);
}
