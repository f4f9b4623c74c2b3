// `--info`: everything that is known of a package, `key : value`, in an order that other programs rely on.
import type { PriorityWeights } from '../config/wanna-build-conf.ts';
import { calculatedPriority, daysInState, secondsInState } from './priority.ts';
import type { PackageRecord } from './record.ts';

type Value = string | number | null;

/** `2026-11-20 09:09:30.873000`: UTC, as wanna-build has always printed times. */
function infoTime(time: Date): string {
  return `${time.toISOString().slice(0, 23).replace('T', ' ')}000`;
}

/** The keys and values of a package, in order; null values are left out. */
export function infoEntries(record: PackageRecord, weights: PriorityWeights, now: Date): (readonly [string, Value])[] {
  const first: (readonly [string, Value])[] = [
    ['Package', record.package],
    ['Version', record.version],
    ['Builder', record.builder],
    ['State', record.state],
    ['Section', record.section],
    ['Priority', record.priority],
    ['Installed-Version', record.installed_version],
    ['Previous-State', record.previous_state ?? ''],
    ['State-Change', infoTime(record.state_change)],
  ];
  const rest: (readonly [string, Value])[] = [
    ['BD-Problem', record.bd_problem],
    ['Binary-NMU-Changelog', record.binary_nmu_changelog],
    ['Binary-NMU-Version', record.binary_nmu_version],
    ['Build-time', record.last_build_time],
    ['BuildPri', record.buildpri],
    ['CalculatedPri', calculatedPriority(record, weights, now)],
    ['component', record.component],
    ['Depends', record.depends],
    ['Distribution', record.distribution],
    ['Extra-Conflicts', record.extra_conflicts],
    ['Extra-Dependencies', record.extra_depends],
    ['Failed', record.failed],
    ['Notes', record.notes],
    ['Old-Failed', record.old_failed],
    ['PermBuildPri', record.permbuildpri],
    ['Rel', record.rel],
    ['Source-Path', record.source_path],
    ['State-Days', daysInState(record, now)],
    ['State-Time', secondsInState(record, now)],
    ['Success-build-time', record.last_successful_build_time],
  ];
  return [...first, ...rest].filter(([, value]) => value !== null);
}

/** The lines of one package under a heading (`NAME`, or `NAME(DIST)` where several distributions are shown). */
export function formatInfo(heading: string, entries: readonly (readonly [string, Value])[]): string {
  const lines = entries.map(([key, value]) => {
    const text = String(value).split('\n').join('\n    ');
    return `  ${key.padEnd(20)}: ${text}`;
  });
  return [`${heading}:`, ...lines].map((line) => `${line}\n`).join('');
}
