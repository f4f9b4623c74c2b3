// OpenPGP keys made when a test runs, and what their owner signs with them: real gpg, nothing kept.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SigningKey {
  readonly fingerprint: string;
  /** The armored public key. */
  readonly publicKey: string;
  clearsign(text: string): string;
  detachedSignature(text: string): string;
  remove(): void;
}

/** Makes an ed25519 key without a passphrase. */
export function makeKey(userId: string): SigningKey {
  // Short: gpg's sockets have paths of at most 108 bytes.
  const home = mkdtempSync(join(tmpdir(), 'gk-'));
  const gpg = (args: readonly string[], input = ''): string => {
    const result = spawnSync(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
      { input, encoding: 'utf8' },
    );
    if (result.status !== 0) throw new Error(`gpg ${args.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  gpg(['--quick-generate-key', userId, 'ed25519', 'sign', 'never']);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg(['--list-keys', '--with-colons']))?.[1] ?? '';
  return {
    fingerprint,
    publicKey: gpg(['--armor', '--export', fingerprint]),
    clearsign: (text) => gpg(['--clearsign', '--digest-algo', 'SHA512', '-u', fingerprint], text),
    detachedSignature: (text) =>
      gpg(['--armor', '--detach-sign', '--textmode', '--digest-algo', 'SHA512', '-u', fingerprint], text),
    remove: () => {
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
