import { describe, expect, it } from 'vitest';
import { findClearSigned } from '../../../../src/mail/incoming/signature/clearsigned.ts';
import { keyBlocks } from '../../../../src/mail/incoming/signature/keyring.ts';
import {
  verifySignature,
  type SignedBytes,
  type Verification,
} from '../../../../src/mail/incoming/signature/verify.ts';
import { gpgHome } from '../../../support/incoming-mail.ts';

const gpg = gpgHome();
const admin = gpg.key('Admin <admin@example.org>');
const mallory = gpg.key('Admin <admin@example.org> (really)');
const rsa = gpg.key('Old Admin <old@example.org>', 'rsa2048');
const shortLived = gpg.key('Short <short@example.org>', 'ed25519', '1d');
const revoked = gpg.key('Revoked <revoked@example.org>');
const byRevoked = gpg.clearsign('retry\n', revoked);
gpg.revoke(revoked);
const keys = keyBlocks([admin, rsa, shortLived, revoked].map((key) => gpg.armored(key)).join('some text\n'));
const day = 86_400_000;

const clear = (armored: string): SignedBytes => {
  const found = findClearSigned(Buffer.from(armored, 'latin1'));
  const block = found.kind === 'blocks' ? found.blocks[0] : undefined;
  if (block === undefined) throw new Error('not a signed block');
  return { kind: 'clear', ...block };
};
const verify = (signed: SignedBytes, now = new Date(), maxAge = 4): Promise<Verification> =>
  verifySignature(signed, { keys, now, maxAge });
const reasonOf = async (signed: SignedBytes, now?: Date): Promise<string> => {
  const verification = await verify(signed, now);
  return verification.ok ? 'good' : verification.reason;
};

describe('a signature', () => {
  it('of a key in the ring is good, and says which primary key it was', async () => {
    const signed = clear(gpg.clearsign('retry\n- x\nend', admin));
    expect(await verify(signed)).toMatchObject({
      ok: true,
      key: admin,
      replay: { fingerprint: admin, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    expect(await verify(clear(gpg.clearsign('retry\n', rsa)))).toMatchObject({ ok: true, key: rsa });
  });

  it('of a signing subkey counts as its primary key', async () => {
    const primary = gpg.key('Subkeys <subkeys@example.org>');
    const subkey = gpg.addSigningSubkey(primary);
    const signed = clear(gpg.clearsign('retry\n', `${subkey}!`));
    const ring = keyBlocks(gpg.armored(primary));
    const verification = await verifySignature(signed, { keys: ring, now: new Date(), maxAge: 4 });
    expect(subkey).not.toBe(primary);
    expect(verification).toMatchObject({ ok: true, key: primary });
  });

  it('of the same text has the same digest however its lines end', async () => {
    const armored = gpg.clearsign('retry  \nx\n', admin);
    const [lf, crlf] = [await verify(clear(armored)), await verify(clear(armored.replaceAll('\n', '\r\n')))];
    expect(lf.ok).toBe(true);
    expect(crlf).toEqual(lf);
  });

  it('over raw bytes is good for a MIME part', async () => {
    const part = 'Content-Type: text/plain\r\n\r\nretry \r\n';
    const signed: SignedBytes = {
      kind: 'mime',
      canonical: Buffer.from(part),
      armoredSignature: gpg.detached(part, admin),
      hashes: [],
    };
    expect(await verify(signed)).toMatchObject({ ok: true, key: admin });
    expect(await reasonOf({ ...signed, canonical: Buffer.from(part.replace('retry', 'purge')) })).toContain('bad');
    expect(await reasonOf({ ...signed, kind: 'clear' })).toBe('the signature is not one over a text');
  });

  it('is bad when one letter of the text is another', async () => {
    const armored = gpg.clearsign('retry\n', admin);
    expect(await verify(clear(armored.replace('retry', 'purge')))).toMatchObject({
      ok: false,
      key: admin,
      reason: expect.stringContaining('bad') as string,
    });
  });

  it('of a stranger is refused, whatever name the key has', async () => {
    expect(await verify(clear(gpg.clearsign('retry\n', mallory)))).toMatchObject({
      ok: false,
      key: null,
      reason: expect.stringContaining('not in the keyring') as string,
    });
  });

  it('must be the only one', async () => {
    const twice = gpg.clearsign('retry\n', admin, '--local-user', rsa);
    expect(await reasonOf(clear(twice))).toBe('there is not exactly one signature');
  });

  it('is refused when it is too old, and when it is from the future', async () => {
    const signed = clear(gpg.clearsign('retry\n', admin));
    expect(await reasonOf(signed, new Date(Date.now() + 3.9 * day))).toBe('good');
    expect(await reasonOf(signed, new Date(Date.now() + 4.1 * day))).toContain('older than 4 days');
    expect(await reasonOf(signed, new Date(Date.now() - 9 * 60_000))).toBe('good');
    expect(await reasonOf(signed, new Date(Date.now() - 11 * 60_000))).toContain('from the future');
  });

  it('is refused once it has expired', async () => {
    const signed = clear(gpg.clearsign('retry\n', admin, '--default-sig-expire', '1d'));
    expect(await reasonOf(signed)).toBe('good');
    expect(await reasonOf(signed, new Date(Date.now() + 2 * day))).toBe('the signature has expired');
  });

  it('is refused once its key has expired', async () => {
    const signed = clear(gpg.clearsign('retry\n', shortLived));
    expect(await reasonOf(signed)).toBe('good');
    expect(await verify(signed, new Date(Date.now() + 2 * day))).toMatchObject({
      ok: false,
      key: shortLived,
      reason: 'the key is expired or revoked',
    });
  });

  it('is refused once its key was revoked, even if made before', async () => {
    expect(await verify(clear(byRevoked))).toMatchObject({
      ok: false,
      key: revoked,
      reason: 'the key is expired or revoked',
    });
  });

  it.each(['SHA1', 'SHA224', 'RIPEMD160'])('made with %s is refused', async (digest) => {
    const signed = clear(gpg.clearsign('retry\n', rsa, '--digest-algo', digest, '--allow-weak-digest-algos'));
    expect(await reasonOf(signed)).toContain('weaker than SHA-256');
  });

  it('is refused when the Hash header names another hash', async () => {
    const signed = clear(gpg.clearsign('retry\n', admin));
    expect(await reasonOf({ ...signed, hashes: ['SHA1'] })).toContain('Hash header');
    expect(await reasonOf({ ...signed, hashes: [] })).toBe('good');
  });

  it.each([
    '',
    'x',
    '-----BEGIN PGP SIGNATURE-----\n\niHUE\n-----END PGP SIGNATURE-----\n',
    '-----BEGIN PGP SIGNATURE-----\n\n!\n-----END PGP SIGNATURE-----\n',
  ])('that is none is refused without an error: %j', async (armoredSignature) => {
    const verification = await verify({ kind: 'clear', canonical: Buffer.from('retry'), armoredSignature, hashes: [] });
    expect(verification).toMatchObject({ ok: false, key: null });
  });

  it('is refused where the ring is empty or holds what is no key', async () => {
    const signed = clear(gpg.clearsign('retry\n', admin));
    for (const ring of [[], ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n']]) {
      expect((await verifySignature(signed, { keys: ring, now: new Date(), maxAge: 4 })).ok).toBe(false);
    }
  });
});
