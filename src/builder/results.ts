// The files that a build made: found, checked against its .changes, signed, moved where results belong. The build
// that wrote them is hostile: only plain files that the .changes names are taken, under names that are names.
import { createReadStream, existsSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { DataError, TemporaryError, UnavailableError } from '../platform/errors.ts';
import { syncDirectory, syncFile } from '../platform/atomic-file.ts';
import { harmless } from '../platform/logger.ts';
import { run } from '../platform/run.ts';
import { parseChanges } from '../debian/changes.ts';
import { withoutEpoch } from '../debian/version.ts';
import { foreignFiles } from '../home/foreign-files.ts';
import { readChanges } from '../home/result-files.ts';
import { clearText } from './clear-text.ts';
import type { BuildJob } from './job.ts';
import { builtVersion } from './log-format.ts';
import { undeclaredNames } from './declared-names.ts';
import { sha256Of } from './source-files.ts';

const largestChanges = 10 * 1024 * 1024;

/** `NAME_VERSION_ARCH[-SUFFIX]` without the epoch: how .changes and .buildinfo are named. */
export function resultStem(
  job: Pick<BuildJob, 'package' | 'version' | 'binNmu' | 'architecture' | 'fileSuffix'>,
): string {
  const suffix = job.fileSuffix === null ? '' : `-${job.fileSuffix.replace(/^-/, '')}`;
  return `${job.package}_${withoutEpoch(builtVersion(job))}_${job.architecture}${suffix}`;
}

/** The name of the job's .changes where there is one in the directory, else null. */
export function changesIn(directory: string, job: BuildJob): string | null {
  const name = `${resultStem(job)}.changes`;
  return existsSync(join(directory, name)) ? name : null;
}

/**
 * Checks what a build left: the .changes and everything it names. Returns the names, the .changes last.
 * @throws DataError with one line that names the file.
 */
export async function checkResults(directory: string, job: BuildJob): Promise<string[]> {
  const name = `${resultStem(job)}.changes`;
  if (!isPlainFile(join(directory, name), largestChanges)) throw new DataError(`the build made no ${name}`);
  const changes = parseChanges(clearText(readFileSync(join(directory, name), 'utf8'), name), name);
  if (changes.source !== job.package || changes.version !== builtVersion(job)) {
    throw new DataError(
      `${name}: is for ${changes.source} ${changes.version}, not ${job.package} ${builtVersion(job)}`,
    );
  }
  // A build must not choose where it is uploaded to.
  if (changes.distributions.join(' ') !== job.distribution) {
    throw new DataError(`${name}: is for the distribution ${changes.distributions.join(' ')}, not ${job.distribution}`);
  }
  for (const file of changes.files) {
    const path = join(directory, file.name);
    if (!isPlainFile(path, file.size) || (await sha256Of(path)) !== file.sha256) {
      throw new DataError(`${name}: ${file.name} is missing or not what it says`);
    }
  }
  return [...changes.files.map((file) => file.name), name];
}

const isPlainFile = (path: string, largest: number): boolean => {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && status.size <= largest;
};

/**
 * Moves results out of a build's own directory into the build directory, durably, in the given order (the .changes
 * last, so that it is complete). An earlier build of the same source and version is replaced.
 * @param binaries the packages that the source declares; null where that is not known.
 * @throws DataError with one line where a name is not this build's to take; TemporaryError where another build's
 * results have the name: who came first may be the liar, so that is for the admin to see. Nothing is moved then.
 */
export function moveResults(
  names: readonly string[],
  from: string,
  to: string,
  binaries: readonly string[] | null,
): void {
  const changes = names.at(-1) ?? '';
  const { wrong, taken } = namesNotOurs(names, from, to, binaries);
  if (wrong.length > 0) throw new DataError(`${changes}: ${wrong.slice(0, 5).join('; ')}`);
  if (taken.length > 0) {
    throw new TemporaryError(
      `${changes}: ${taken.slice(0, 5).join('; ')}; remove from build/ what does not belong there`,
    );
  }
  for (const name of names) {
    syncFile(join(from, name));
    renameSync(join(from, name), join(to, name));
  }
  syncDirectory(to);
}

// Looked at just before the move, with nothing in between: other builds put their results there too.
const namesNotOurs = (
  names: readonly string[],
  from: string,
  to: string,
  binaries: readonly string[] | null,
): { readonly wrong: readonly string[]; readonly taken: readonly string[] } => {
  const changes = readChanges(from, names.at(-1) ?? '');
  if (changes === null) return { wrong: ['it is gone'], taken: [] };
  const occupied = names.filter((name) => lstatSync(join(to, name), { throwIfNoEntry: false })?.isFile() === false);
  const steering = foreignFiles(changes, []);
  const undeclared = steering.length > 0 ? [] : undeclaredNames(changes, binaries);
  return {
    wrong: [...steering, ...undeclared, ...occupied.map((name) => `${name} in build/ is not a file`)],
    taken: foreignFiles(changes, [to]).filter((problem) => !steering.includes(problem)),
  };
};

/** `gnupg` in the home where it is there: the buildd's own keys; else null, and gpg takes the user's. */
export function keyringOf(home: string): string | null {
  const directory = join(home, 'gnupg');
  return existsSync(directory) ? directory : null;
}

/**
 * Signs a .changes in place (clear text, SHA-256) with the buildd's key.
 * @throws UnavailableError with gpg's own words on one line.
 */
export async function signChanges(path: string, fingerprint: string, home: string): Promise<void> {
  const keyring = keyringOf(home);
  const signed = `${path}.asc`;
  rmSync(signed, { force: true });
  const options = ['--batch', '--yes', '--no-tty', '--pinentry-mode', 'loopback', '--digest-algo', 'SHA256'];
  const made = await run(
    'gpg',
    [...options, '--local-user', `${fingerprint}!`, '--output', signed, '--clearsign', path],
    {
      timeoutSeconds: 120,
      env: { ...process.env, ...(keyring === null ? {} : { GNUPGHOME: keyring }), LC_ALL: 'C.UTF-8' },
    },
  );
  if (made.code !== 0) {
    rmSync(signed, { force: true });
    const why = made.notStarted ?? made.stderr.toString('utf8');
    throw new UnavailableError(`the .changes could not be signed with ${fingerprint}: ${harmless(why)}`);
  }
  renameSync(signed, path);
}

/** Whether the file begins as a clear-signed text does. */
export async function isSigned(path: string): Promise<boolean> {
  const lines = createInterface({ input: createReadStream(path, { end: 200 }) });
  for await (const line of lines) return line.startsWith('-----BEGIN PGP SIGNED MESSAGE-----');
  return false;
}
