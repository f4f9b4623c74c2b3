// Whether an answer can still be obeyed: the build it speaks of must be the one that the store knows as ours. Pure.
// Must refuse with a reason that names what is the case now, never guess.
import { binaryVersion, compareVersions } from '../../../debian/version.ts';
import type { PackageRecord } from '../../../wanna-build/record.ts';
import type { State } from '../../../wanna-build/states.ts';
import type { Standing } from './standing.ts';

const answerable: readonly State[] = ['Building', 'Built', 'Build-Attempted'];
const inQueue: readonly State[] = ['Needs-Build', 'BD-Uninstallable'];

/** The version of a record as a log mail's subject has it. */
export function versionOf(record: PackageRecord): string {
  return binaryVersion(record.version, record.binary_nmu_version ?? 0);
}

/** Null, or which newer version the store has: what the mail speaks of is outdated then. */
export function newerThanMeant(standing: Standing): string | null {
  const { record, version } = standing;
  if (record === null) return null;
  return compareVersions(versionOf(record), version) > 0 ? versionOf(record) : null;
}

/**
 * Whether the build that the mail is about was given back (its build dependencies or the machine were to blame) and
 * nobody took the package since: its log mail can still be answered.
 * @param claim the take that the answered mail was about; null where the mail proves none.
 */
export function isGivenBack({ record, build, version }: Standing, claim: number | null): boolean {
  const result = build?.end?.result;
  if (record === null || !inQueue.includes(record.state) || versionOf(record) !== version) return false;
  if (build === null || (result !== 'given-back' && result !== 'failed')) return false;
  // 0: a server that counts no takes.
  return record.claim === 0 || (claim ?? build.claim) === record.claim;
}

/**
 * Null, or why an answer to a build is refused.
 * @param claim the take that the answered mail was about; null where the mail proves none (a signed .changes).
 * @param alsoIn states that are all right besides Building, Built and Build-Attempted.
 */
export function refusalOf(standing: Standing, claim: number | null, alsoIn: readonly State[] = []): string | null {
  const { record, version, user } = standing;
  const name = `${standing.package}_${version}`;
  const where = `${standing.distribution} on ${standing.architecture}`;
  if (record === null) return `${standing.package} is not registered in ${where}.`;
  const newer = newerThanMeant(standing);
  if (newer !== null) return `${name} is outdated: ${where} has version ${newer} now (${record.state}).`;
  if (versionOf(record) !== version)
    return `${name} is not the version in ${where}, that is ${versionOf(record)} (${record.state}).`;
  if (alsoIn.includes(record.state)) return null;
  if (!answerable.includes(record.state)) {
    const since = record.state_change.toISOString().slice(0, 16).replace('T', ' ');
    return `${name} is ${record.state} in ${where} since ${since} UTC; an answer needs it Building, Built or Build-Attempted.`;
  }
  if (record.builder !== null && !owns(user, record.builder)) {
    return `${name} is ${record.state} in ${where} by ${record.builder}, not by ${user}.`;
  }
  if (claim !== null && claim !== record.claim) {
    return `${name} was taken again since the build that the mail is about; answer the mail of the last build.`;
  }
  return null;
}

/** Whether what `builder` took is `user`'s: a user `buildd_arm64` owns what `buildd_arm64-host` took, too. */
export function owns(user: string, builder: string): boolean {
  return builder === user || builder.startsWith(`${user}-`);
}
