// OpenPGP keys for tests, made at test time by the real gpg: ed25519, no passphrase, in a directory of their own.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';

const gpg = (directory: string, args: readonly string[]): string =>
  execFileSync('gpg', ['--homedir', directory, '--batch', '--quiet', '--no-tty', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** Makes a key that signs; its fingerprint. */
export function makeSigningKey(directory: string, userId: string): string {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
  gpg(directory, [
    '--passphrase',
    '',
    '--pinentry-mode',
    'loopback',
    '--quick-generate-key',
    userId,
    'ed25519',
    'sign',
    'never',
  ]);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(
    gpg(directory, ['--with-colons', '--list-secret-keys', userId]),
  )?.[1];
  if (fingerprint === undefined) throw new Error(`gpg made no key for ${userId}`);
  return fingerprint;
}

/** Ends the agent that gpg started for a directory. */
export function endAgent(directory: string): void {
  execFileSync('gpgconf', ['--homedir', directory, '--kill', 'all'], { stdio: 'ignore' });
}
