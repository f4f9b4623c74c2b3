// The record of a package before anything is known of it; what a row begins with, and the one list of its defaults.
import type { PackageKey, PackageRecord } from '../record.ts';

/** A record of which nothing is known but its version. */
export function unregistered(key: PackageKey, version: string, time: Date): PackageRecord {
  return {
    ...key,
    version,
    state: 'Needs-Build',
    previous_state: null,
    state_change: time,
    builder: null,
    claim: 0,
    section: null,
    priority: null,
    component: 'main',
    notes: null,
    installed_version: null,
    failed: null,
    old_failed: null,
    depends: null,
    bd_problem: null,
    binary_nmu_version: null,
    binary_nmu_changelog: null,
    buildpri: null,
    permbuildpri: null,
    extra_depends: null,
    extra_conflicts: null,
    rel: null,
    source_path: null,
    last_successful_build_time: null,
    last_build_time: null,
  };
}
