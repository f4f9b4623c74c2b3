// `--binNMU`: unchanged source is built again under a new binary version, because what it was built with changed.
import { binaryVersion, compareVersions, splitBinNmu } from '../../debian/version.ts';
import type { PackageRecord } from '../record.ts';
import type { State } from '../states.ts';
import type { Transition, TransitionContext } from './event.ts';
import { changed, moveTo, moveToQueue, plainText, refused } from './step.ts';

interface BinNmu {
  readonly version: string;
  readonly number: number;
  readonly changelog: string | null;
}

const waiting: readonly State[] = ['Needs-Build', 'BD-Uninstallable', 'Dep-Wait', 'Failed', 'Build-Attempted'];

/** Schedules a binNMU, replaces a scheduled one by a higher number, or cancels it (number 0). */
export function binNmu(record: PackageRecord, asked: BinNmu, context: TransitionContext): Transition {
  const { package: name } = record;
  const known = record.binary_nmu_version ?? 0;
  const scheduled = known > 0 && waiting.includes(record.state);
  if (record.state !== 'Installed' && !scheduled) {
    return refused(`${name}_${asked.version}`, "not installed; can't register for binNMU.");
  }
  const version = splitBinNmu(asked.version).source;
  if (compareVersions(version, record.version) !== 0) return refused(name, `version mismatch (${record.version})`);
  if (asked.number === 0)
    return scheduled ? cancel(record, context) : refused(name, 'no binNMU is scheduled. Skipping.');
  const full = binaryVersion(record.version, asked.number);
  if (asked.number <= known) {
    const what = scheduled ? 'scheduled is already' : 'installed is already';
    return refused(name, `${full} is not newer: ${what} ${binaryVersion(record.version, known)}. Skipping.`);
  }
  const installed = record.installed_version;
  if (installed !== null && compareVersions(full, installed) <= 0) {
    return refused(name, `${full} is not newer: installed is already ${installed}. Skipping.`);
  }
  const after = moveToQueue(record, context, {
    binary_nmu_version: asked.number,
    binary_nmu_changelog: asked.changelog === null ? null : plainText(asked.changelog),
    buildpri: null,
    notes: 'out-of-date',
  });
  return changed(record, after, context, { action: 'binNMU', reply: `${name}: registered for binNMU ${full}` });
}

const cancel = (record: PackageRecord, context: TransitionContext): Transition => {
  const after = moveTo(record, 'Installed', context.time, {
    binary_nmu_version: null,
    binary_nmu_changelog: null,
    builder: null,
    depends: null,
    notes: null,
  });
  return changed(record, after, context, { action: 'binNMU', reply: `${record.package}: binNMU cancelled` });
};
