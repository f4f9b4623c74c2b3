// The world that incoming mail is understood in: a configuration, keys made by the real gpg, and mails in three lines.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { loadBuilddConf } from '../../src/config/load.ts';
import type { IncomingContext } from '../../src/mail/incoming/context.ts';
import { keyBlocks } from '../../src/mail/incoming/signature/keyring.ts';
import { temporaryDirectory } from './temporary.ts';

export interface Gpg {
  /** Makes a key; its fingerprint. */
  key(userId: string, algorithm?: string, expires?: string): string;
  armored(fingerprint: string): string;
  clearsign(text: string, fingerprint: string, ...options: string[]): string;
  detached(text: string, fingerprint: string, ...options: string[]): string;
  /** Adds a subkey that signs; its fingerprint. */
  addSigningSubkey(fingerprint: string): string;
  revoke(fingerprint: string): void;
}

/** A GnuPG home that is gone after the test file, its agent too. */
export function gpgHome(): Gpg {
  const home = temporaryDirectory('g');
  const gpg = (args: readonly string[], input = ''): string =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--yes', '--quiet', '--no-tty', ...args], {
      encoding: 'latin1',
      input: Buffer.from(input),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  afterAll(() => void execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' }));
  return {
    key: (userId, algorithm = 'ed25519', expires = 'never') => {
      gpg([
        '--passphrase',
        '',
        '--pinentry-mode',
        'loopback',
        '--quick-generate-key',
        userId,
        algorithm,
        'sign',
        expires,
      ]);
      const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg(['--with-colons', '--list-secret-keys', userId]))?.[1];
      if (fingerprint === undefined) throw new Error(`gpg made no key for ${userId}`);
      return fingerprint;
    },
    armored: (fingerprint) => gpg(['--armor', '--export', fingerprint]),
    clearsign: (text, fingerprint, ...options) => gpg([...options, '--local-user', fingerprint, '--clearsign'], text),
    detached: (text, fingerprint, ...options) =>
      gpg([...options, '--local-user', fingerprint, '--armor', '--detach-sign'], text),
    addSigningSubkey: (fingerprint) => {
      gpg([
        '--passphrase',
        '',
        '--pinentry-mode',
        'loopback',
        '--quick-add-key',
        fingerprint,
        'ed25519',
        'sign',
        'never',
      ]);
      const listed = gpg(['--with-colons', '--list-secret-keys', fingerprint]);
      return [...listed.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].at(-1)?.[1] ?? '';
    },
    revoke: (fingerprint) => {
      const certificate = readFileSync(join(home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'latin1');
      gpg(['--import'], certificate.replace(':-----BEGIN', '-----BEGIN'));
    },
  };
}

export interface World {
  /** Lines of `[auth]`; by default one admin with all keys and the default `accept`. */
  readonly auth?: string;
  /** Lines of `[mail]` besides the address. */
  readonly mail?: string;
  readonly keys?: readonly string[];
  readonly more?: Partial<IncomingContext>;
}

export const everything = `admin_addresses = ["admin@example.org"]\naccept = ["signature", "token", "sender"]`;

/** The context of a buildd at buildd@example.org that builds unstable, experimental and stable/updates for amd64. */
export function incomingContext({ auth = everything, mail = '', keys = [], more = {} }: World = {}): IncomingContext {
  const home = temporaryDirectory('mail');
  const text = `admin_mail = "admin@example.org"
[[distributions]]
dist_name = ["unstable", "experimental", "stable/updates"]
built_architecture = "amd64"
[mail]
address = "buildd@example.org"
${mail}
[auth]
${auth}
`;
  writeFileSync(join(home, 'buildd.conf'), text);
  const conf = loadBuilddConf(home, join(home, 'no-system-files'));
  return { conf, now: new Date(), keys: keys.flatMap(keyBlocks), tokens: null, blacklist: [], ...more };
}

export const logSubject = 'Re: Log for failed build of hello_2.10-3 on amd64 (dist=unstable)';

/** A mail of the admin to the buildd about hello; `fields` replaces or adds header fields (null leaves one out). */
export function rawMail(body: string, fields: Readonly<Record<string, string | null>> = {}): Buffer {
  const all: Record<string, string | null> = {
    From: 'Admin <admin@example.org>',
    To: 'buildd@example.org',
    Subject: logSubject,
    'Message-ID': '<answer@example.org>',
    ...fields,
  };
  const header = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return Buffer.from(`${header.join('\n')}\n\n${body}`);
}

/** A PGP/MIME body (RFC 3156) with its Content-Type; `part` is the signed part with its header, LF at line ends. */
export function pgpMime(
  gpg: Gpg,
  part: string,
  fingerprint: string,
): { readonly body: string; readonly contentType: string } {
  const signature = gpg.detached(part.replaceAll('\n', '\r\n'), fingerprint);
  return {
    contentType: 'multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary="=-s"',
    body: `--=-s\n${part}\n--=-s\nContent-Type: application/pgp-signature; name=signature.asc\n\n${signature}\n--=-s--\n`,
  };
}

/** The text of a .changes of hello 2.10-3 for unstable on amd64; `fields` replaces fields. */
export function changesText(fields: Readonly<Record<string, string>> = {}): string {
  const all: Record<string, string> = {
    Format: '1.8',
    Date: 'Fri, 20 Nov 2026 08:00:00 +0000',
    Source: 'hello',
    Binary: 'hello',
    Architecture: 'amd64',
    Version: '2.10-3',
    Distribution: 'unstable',
    'Checksums-Sha256': `\n ${'ab'.repeat(32)} 634 hello_2.10-3_amd64.deb`,
    Files: `\n ${'cd'.repeat(16)} 634 devel optional hello_2.10-3_amd64.deb`,
    ...fields,
  };
  return `${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`.replace(': \n', ':\n'))
    .join('\n')}\n`;
}
