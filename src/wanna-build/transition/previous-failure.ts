// Whether somebody should look before a package is built: the version before failed, and nothing was built since.
import { compareVersions } from '../../debian/version.ts';
import type { PackageRecord } from '../record.ts';
import { newestOldFailure } from './step.ts';

/**
 * The failure of the version before, for a package that was just taken: somebody should look before it is built
 * again. Null where there was none, where a version since then was installed, and for a retry of one's own build.
 */
export function previousFailure(record: PackageRecord): { readonly reason: string | null } | null {
  const failure = newestOldFailure(record.old_failed);
  if (failure === null || compareVersions(failure.version, record.version) >= 0) return null;
  if (record.previous_state === 'Built' || record.previous_state === 'Build-Attempted') return null;
  const installed = record.installed_version;
  if (installed !== null && compareVersions(installed, failure.version) >= 0) return null;
  return { reason: failure.reason === '' ? null : failure.reason };
}
