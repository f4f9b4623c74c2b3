// How a program of a build is started: with low priority, as the right user, and never outliving the daemon. A daemon
// that was killed takes its packages up again when it starts; a build of them that still ran would disturb that.
import { run } from '../platform/run.ts';
import { ConfigurationError } from '../platform/errors.ts';

export interface BuildUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that builds run as, where we are root and one is configured; else null, as who we are.
 * @throws ConfigurationError where there is no such user.
 */
export async function buildUser(name: string | null): Promise<BuildUser | null> {
  if (name === null || process.getuid?.() !== 0) return null;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map((option) => run('id', [option, '--', name], { timeoutSeconds: 30 })),
  );
  if (uid?.code !== 0 || gid?.code !== 0)
    throw new ConfigurationError(`build_user: there is no user ${name} on this machine`);
  return { name, uid: Number(uid.stdout.toString('latin1')), gid: Number(gid.stdout.toString('latin1')) };
}

/**
 * The command with what goes in front of it. setpriv replaces itself by the program, so that signals reach that; the
 * program gets TERM when we die (prctl(2), PR_SET_PDEATHSIG), however we die.
 */
export function launched(
  command: readonly string[],
  niceLevel: number,
  user: BuildUser | null = null,
): { program: string; args: string[] } {
  const as = user === null ? [] : [`--reuid=${user.name}`, `--regid=${user.gid}`, '--init-groups'];
  return {
    program: 'setpriv',
    args: ['--pdeathsig', 'TERM', ...as, '--', 'nice', '-n', String(niceLevel), ...command],
  };
}
