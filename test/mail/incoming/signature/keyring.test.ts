import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyBlocks, keysOf, readKeyring } from '../../../../src/mail/incoming/signature/keyring.ts';
import { ConfigurationError } from '../../../../src/platform/errors.ts';
import { gpgHome, incomingContext } from '../../../support/incoming-mail.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

const gpg = gpgHome();
const keys = ['a@example.org', 'b@example.org'].map((userId) => gpg.key(userId));
const text = keys.map((key) => gpg.armored(key)).join('between\n');
const home = temporaryDirectory();
const auth = (...admin_keyring: string[]) => ({ ...incomingContext().conf.auth, admin_keyring });

describe('the keyring', () => {
  it('holds every block of a file, whatever stands between them', async () => {
    const found = await keysOf(keyBlocks(`head\n${text}tail`));
    expect(found.map((key) => key.getFingerprint().toUpperCase())).toEqual(keys);
  });

  it('is read from the files of the configuration, relative to the home', () => {
    writeFileSync(join(home, 'admins.asc'), text);
    expect(readKeyring(auth('admins.asc', join(home, 'admins.asc')), home)).toHaveLength(4);
    expect(readKeyring(auth(), home)).toEqual([]);
  });

  it('that is not there, or holds no key, is an error of the configuration that names the file', () => {
    writeFileSync(join(home, 'empty.asc'), 'nothing');
    for (const [name, reason] of [
      ['none.asc', "no such file; put the admins' public keys there"],
      ['empty.asc', 'no armored public key'],
    ] as const) {
      expect(() => readKeyring(auth(name), home), name).toThrow(ConfigurationError);
      expect(() => readKeyring(auth(name), home)).toThrow(new RegExp(`${name}.*${reason}`));
    }
  });

  it('goes on counting where one block is no key', async () => {
    const broken = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n';
    expect(await keysOf(keyBlocks(broken + text))).toHaveLength(2);
  });
});
