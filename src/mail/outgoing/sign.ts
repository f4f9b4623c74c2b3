// Signs a mail's entity with OpenPGP (PGP/MIME, RFC 3156 §5) by the home's own gpg key, so that its reader knows that
// the log is ours. A mail that cannot be signed is not held back: the caller sends it unsigned and says why.
import { run } from '../../platform/run.ts';
import { harmless } from '../../platform/logger.ts';
import { formatFields } from './header.ts';
import { multipartEntity, type Entity } from './mime.ts';

interface SigningKey {
  /** The home's gnupg directory. */
  readonly gnupg: string;
  /** Fingerprint. */
  readonly key: string;
}

type Signed =
  { readonly kind: 'signed'; readonly entity: Entity } | { readonly kind: 'unsigned'; readonly reason: string };

const gpgSeconds = 60;
// The digest algorithms of RFC 9580 §9.5 that a signature may have, with their names in micalg (RFC 3156 §5).
const micalgs: Readonly<Record<string, string>> = {
  8: 'pgp-sha256',
  9: 'pgp-sha384',
  10: 'pgp-sha512',
  11: 'pgp-sha224',
};

/** Signs an entity, whose lines must end in CRLF already: exactly these bytes are what the signature is over. */
export async function signEntity(entity: Entity, { gnupg, key }: SigningKey, seed: string): Promise<Signed> {
  const result = await run(
    'gpg',
    [
      ...['--homedir', gnupg, '--batch', '--no-tty', '--quiet', '--status-fd', '2', '--pinentry-mode', 'error'],
      ...['--digest-algo', 'SHA512', '--local-user', key, '--armor', '--detach-sign', '--output', '-'],
    ],
    { input: entity, timeoutSeconds: gpgSeconds, maxOutputBytes: 64 * 1024, env: { ...process.env, LC_ALL: 'C' } },
  );
  const messages = result.stderr.toString('utf8');
  const created = /^\[GNUPG:\] SIG_CREATED \S+ \d+ (\d+) /m.exec(messages);
  const micalg = micalgs[created?.[1] ?? ''];
  if (result.code !== 0 || micalg === undefined) return { kind: 'unsigned', reason: whyNot(result, messages) };
  const type = `multipart/signed; micalg=${micalg}; protocol="application/pgp-signature"`;
  return {
    kind: 'signed',
    entity: multipartEntity(type, [entity, signatureEntity(result.stdout.toString('latin1'))], `signed ${seed}`),
  };
}

const whyNot = (result: Awaited<ReturnType<typeof run>>, messages: string): string => {
  if (result.notStarted !== null) return `gpg cannot be started (${result.notStarted}); install gnupg`;
  if (result.timedOut) return `gpg did not end within ${gpgSeconds} seconds`;
  const said = messages.split('\n').find((line) => line.startsWith('gpg: ') && !line.startsWith('gpg: WARNING'));
  return harmless(said ?? `gpg ended with ${result.code ?? result.signal ?? 'an error'}`).slice(0, 200);
};

const signatureEntity = (armor: string): Entity => {
  const fields = formatFields([
    ['Content-Type', 'application/pgp-signature; name="signature.asc"'],
    ['Content-Description', 'OpenPGP digital signature'],
  ]);
  return Buffer.from(`${fields}\r\n${armor.replace(/\r?\n/g, '\r\n')}`, 'latin1');
};
