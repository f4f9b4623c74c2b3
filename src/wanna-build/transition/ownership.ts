// Whose package it is, and whether what is reported is what was taken.
import { binaryVersion, compareVersions } from '../../debian/version.ts';
import type { PackageRecord } from '../record.ts';
import type { Transition, TransitionContext } from './event.ts';
import { refused } from './step.ts';

/** Whether a user owns what a builder took: itself, or `user-host`. What has no builder is everybody's. */
export function owns(user: string, builder: string | null): boolean {
  return builder === null || builder === user || builder.startsWith(`${user}-`);
}

/** Whether a version names this record: its own, or that of its binNMU (`1.0-1+b2`). */
export function isVersionOf(record: PackageRecord, version: string): boolean {
  if (compareVersions(record.version, version) === 0) return true;
  const number = record.binary_nmu_version ?? 0;
  return number > 0 && compareVersions(binaryVersion(record.version, number), version) === 0;
}

/** Why a report is refused for who reports, what version, or which take; null when it is not. */
export function foreignReport(record: PackageRecord, version: string, context: TransitionContext): Transition | null {
  const { package: name } = record;
  if (!context.override && !owns(context.user, record.builder)) {
    return refused(name, `not taken by you, but by ${record.builder ?? ''}. Skipping.`);
  }
  return isVersionOf(record, version) ? staleClaim(record, context) : versionMismatch(record);
}

/** The refusal of a version that is not the record's. */
export function versionMismatch(record: PackageRecord): Transition {
  const version = binaryVersion(record.version, record.binary_nmu_version ?? 0);
  const by = record.builder === null ? '' : ` by ${record.builder}`;
  return refused(record.package, `version mismatch (${version}${by})`);
}

/** The refusal of a report that belongs to an earlier take; null when it does not, or did not say. */
export function staleClaim(record: PackageRecord, context: TransitionContext): Transition | null {
  if (context.claim === null || context.claim === record.claim) return null;
  return refused(record.package, `claim ${context.claim} is not the last one (${record.claim}). Skipping.`);
}

/** The builder after a report: who was recorded, unless somebody else overrode or nobody was. */
export function builderAfter(record: PackageRecord, context: TransitionContext): string {
  return record.builder !== null && owns(context.user, record.builder) ? record.builder : context.user;
}
