// The signature of a queued .changes: exactly one signed block and nothing around it, because dupload and the archive
// read the whole file. Where we know the keys it could be by, it must be good; else the archive decides.
import type { BuilddConf } from '../config/buildd-conf.ts';
import { DataError } from '../platform/errors.ts';
import { run } from '../platform/run.ts';
import { existsSync } from 'node:fs';
import { findClearSigned, type ClearSigned } from '../mail/incoming/signature/clearsigned.ts';
import { readKeyring, type ArmoredKeys } from '../mail/incoming/signature/keyring.ts';
import { verifySignature } from '../mail/incoming/signature/verify.ts';
import type { HomePaths } from '../home/paths.ts';

export interface SignedText {
  /** What is signed, or the whole of an unsigned file; LF line ends. */
  readonly text: string;
  /** Null: there is no signature. */
  readonly block: ClearSigned | null;
}

/** Takes the armor off. @throws DataError for an armor that is cut short or has anything around or beside it. */
export function readSigned(raw: Buffer, what: string): SignedText {
  const found = findClearSigned(raw);
  if (found.kind === 'none') return { text: raw.toString('utf8'), block: null };
  if (found.kind === 'malformed')
    throw new DataError(`${what}: the signature is broken: ${found.reason}; sign it again`);
  const [block] = found.blocks;
  if (block === undefined || found.blocks.length !== 1) throw new DataError(`${what}: has more than one signed part`);
  const whole = raw.toString('latin1').replaceAll('\r\n', '\n').trimEnd();
  if (whole !== block.block.toString('latin1').trimEnd())
    throw new DataError(`${what}: there is text around the signed part; sign it again`);
  return { text: `${block.canonical.toString('utf8').replaceAll('\r\n', '\n')}\n`, block };
}

/** The public keys by which uploads may be signed: the admins' and the buildd's own (`sign_with`). */
export async function uploadKeys(conf: BuilddConf, paths: HomePaths): Promise<ArmoredKeys> {
  const own = [...new Set(conf.distributions.flatMap((entry) => entry.sign_with ?? []))];
  const exported = await Promise.all(own.map((fingerprint) => exportKey(fingerprint, paths)));
  return [...readKeyring(conf.auth, paths.root), ...exported.flat()];
}

const exportKey = async (fingerprint: string, paths: HomePaths): Promise<string[]> => {
  const homes = [...(existsSync(paths.gnupg) ? [['--homedir', paths.gnupg]] : []), []];
  for (const home of homes) {
    const result = await run('gpg', [...home, '--batch', '--armor', '--export', fingerprint], { timeoutSeconds: 60 });
    const armored = result.stdout.toString('latin1');
    if (result.code === 0 && armored.includes('BEGIN PGP PUBLIC KEY BLOCK')) return [armored];
  }
  return [];
};

// An upload may wait long for its archive; how old a signature may be is the archive's rule.
const anyAgeDays = 36_500;

/**
 * Checks a signature against the keys; without any key nothing can be said and nothing is.
 * @throws DataError when it is bad, or by a key that is none of these.
 */
export async function checkSignature(block: ClearSigned, keys: ArmoredKeys, now: Date, what: string): Promise<void> {
  if (keys.length === 0) return;
  const { canonical, armoredSignature, hashes } = block;
  const verdict = await verifySignature(
    { kind: 'clear', canonical, armoredSignature, hashes },
    { keys, now, maxAge: anyAgeDays },
  );
  if (!verdict.ok) throw new DataError(`${what}: ${verdict.reason}`);
}
