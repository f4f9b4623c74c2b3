// What is right as a configuration, but cannot work as it is on this machine: keys, programs, queues that are missing.
import type { Builder } from '../builder/builder.ts';
import { builderFor } from '../builder/select.ts';
import type { BuilddConf } from '../config/buildd-conf.ts';
import type { HomePaths } from '../home/paths.ts';
import { keysOf, readKeyring } from '../mail/incoming/signature/keyring.ts';
import { MailbuilddError, messageOf } from '../platform/errors.ts';
import { harmless } from '../platform/logger.ts';
import { run } from '../platform/run.ts';

const gpgSeconds = 20;

/** One line each; none where all is well. Whether the builder can work is builderWarnings' matter. */
export async function configurationWarnings(conf: BuilddConf, paths: HomePaths): Promise<string[]> {
  const lines = [
    ...senderWarning(conf.auth.accept),
    ...(await keyringWarnings(conf, paths)),
    ...(await signingWarnings(conf, paths)),
    ...queueWarnings(conf),
  ];
  return lines.map((line) => `warning: ${line}`);
}

/** Why the builder cannot work, a line for each reason. */
export async function builderWarnings(conf: BuilddConf): Promise<string[]> {
  let builder: Builder;
  try {
    builder = builderFor(conf);
  } catch (error) {
    if (error instanceof MailbuilddError) return [`warning: ${messageOf(error)}`];
    throw error;
  }
  const problems = new Set<string>();
  for (const { dist_name: distribution, built_architecture: architecture, sbuild_chroot } of conf.distributions) {
    const problem = await builder.unusable({ distribution, architecture, chroot: sbuild_chroot ?? null });
    if (problem !== null) problems.add(`warning: ${problem}`);
  }
  return [...problems];
}

// Anybody can write a From line.
const senderWarning = (accept: readonly string[]): string[] =>
  accept.includes('sender')
    ? ['auth.accept has "sender": whoever can write an admin\'s address into From steers this buildd']
    : [];

const keyringWarnings = async ({ auth }: BuilddConf, paths: HomePaths): Promise<string[]> => {
  const lines: string[] = [];
  for (const name of auth.admin_keyring) {
    try {
      const blocks = readKeyring({ ...auth, admin_keyring: [name] }, paths.root);
      if ((await keysOf(blocks)).length === 0)
        lines.push(`auth.admin_keyring: ${name} holds no key that can be read; export one with gpg --armor --export`);
    } catch (error) {
      if (!(error instanceof MailbuilddError)) throw error;
      lines.push(messageOf(error));
    }
  }
  return lines;
};

const signingWarnings = async (conf: BuilddConf, paths: HomePaths): Promise<string[]> => {
  const wanted = new Map<string, string>();
  if (conf.mail.sign_logs_with !== undefined) wanted.set('mail.sign_logs_with', conf.mail.sign_logs_with);
  for (const { dist_name, sign_with } of conf.distributions)
    if (sign_with !== undefined) wanted.set(`sign_with of ${dist_name}`, sign_with);
  const lines: string[] = [];
  for (const [key, fingerprint] of wanted) {
    const problem = await secretKeyProblem(fingerprint, paths.gnupg);
    if (problem !== null) lines.push(`${key}: ${problem}`);
  }
  return lines;
};

const secretKeyProblem = async (fingerprint: string, gnupg: string): Promise<string | null> => {
  const args = ['--homedir', gnupg, '--batch', '--no-tty', '--with-colons', '--list-secret-keys', '--', fingerprint];
  const { code, stdout, notStarted } = await run('gpg', args, {
    timeoutSeconds: gpgSeconds,
    maxOutputBytes: 64 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (notStarted !== null) return `gpg cannot be started (${harmless(notStarted)}); install gnupg`;
  if (code === 0 && /^sec:/m.test(stdout.toString('latin1'))) return null;
  return `${gnupg} has no secret key ${fingerprint}; import it with gpg --homedir ${gnupg} --import`;
};

// Without any [[upload_queues]], each distribution's directory is one.
const queueWarnings = ({ distributions, upload_queues: queues }: BuilddConf): string[] => {
  if (queues.length === 0) return [];
  const known = new Set(queues.map((queue) => queue.dupload_local_queue_dir));
  return distributions
    .filter((distribution) => !known.has(distribution.dupload_local_queue_dir))
    .map(
      ({ dist_name, dupload_local_queue_dir: directory }) =>
        `${dist_name}: dupload_local_queue_dir "${directory}" is in no [[upload_queues]]: nothing there is uploaded`,
    );
};
