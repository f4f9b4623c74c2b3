// The public keys of the admins: armored blocks out of files. Parsed only when there is a signature to verify,
// because the OpenPGP library takes longer to load than everything else here takes together.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PublicKey } from 'openpgp';
import type { AuthConf } from '../../../config/buildd-conf.ts';
import { ConfigurationError, messageOf, systemCodeOf } from '../../../platform/errors.ts';

/** The armored blocks of a keyring. */
export type ArmoredKeys = readonly string[];

const begin = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const end = '-----END PGP PUBLIC KEY BLOCK-----';

/** The armored public keys in a text; whatever stands between them is left out. */
export function keyBlocks(text: string): string[] {
  const blocks: string[] = [];
  let at = text.indexOf(begin);
  while (at >= 0) {
    const close = text.indexOf(end, at);
    if (close < 0) break;
    blocks.push(`${text.slice(at, close + end.length)}\n`);
    at = text.indexOf(begin, close);
  }
  return blocks;
}

/**
 * Reads the files of `[auth] admin_keyring`; relative names are relative to the home.
 * @throws ConfigurationError naming a file that cannot be read or holds no key.
 */
export function readKeyring(auth: AuthConf, home: string): ArmoredKeys {
  return auth.admin_keyring.flatMap((name) => {
    const path = resolve(home, name);
    let text: string;
    try {
      text = readFileSync(path, 'latin1');
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') {
        throw new ConfigurationError(`auth.admin_keyring: ${path}: no such file; put the admins' public keys there`);
      }
      throw new ConfigurationError(`auth.admin_keyring: ${path} cannot be read: ${messageOf(error)}`);
    }
    const blocks = keyBlocks(text);
    if (blocks.length === 0) {
      throw new ConfigurationError(
        `auth.admin_keyring: ${path} holds no armored public key; export one with gpg --armor --export`,
      );
    }
    return blocks;
  });
}

const parsed = new WeakMap<ArmoredKeys, Promise<PublicKey[]>>();

const parse = async (blocks: ArmoredKeys): Promise<PublicKey[]> => {
  const { readKeys } = await import('openpgp');
  const keys: PublicKey[] = [];
  for (const armoredKeys of blocks) {
    try {
      keys.push(...(await readKeys({ armoredKeys })).map((key) => key.toPublic()));
    } catch {
      // A key that this library cannot read signs nothing here; the others go on counting.
    }
  }
  return keys;
};

/** The keys of a ring, read once. */
export function keysOf(blocks: ArmoredKeys): Promise<PublicKey[]> {
  const known = parsed.get(blocks) ?? parse(blocks);
  parsed.set(blocks, known);
  return known;
}
