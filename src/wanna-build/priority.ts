// The calculated priority: in which order packages are worth building. A plain sum, so that an admin can redo it.
import type { PriorityWeights } from '../config/wanna-build-conf.ts';
import type { PackageRecord } from './record.ts';

const secondsPerDay = 86_400;
const secondsPerHour = 3600;

/** Whole seconds since the last change of state. */
export function secondsInState(record: PackageRecord, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - record.state_change.getTime()) / 1000));
}

/** Whole days since the last change of state. */
export function daysInState(record: PackageRecord, now: Date): number {
  return Math.floor(secondsInState(record, now) / secondsPerDay);
}

const clamp = (value: number, { min, max }: { readonly min: number; readonly max: number }): number =>
  Math.min(max, Math.max(min, value));

const weightOf = (weights: Readonly<Record<string, number>>, key: string | null): number =>
  key !== null && Object.hasOwn(weights, key) ? (weights[key] ?? 0) : 0;

/**
 * Sum of the configured weights of priority, section, component and notes, plus waiting days, minus build hours,
 * plus both build priorities; the higher, the sooner.
 */
export function calculatedPriority(record: PackageRecord, weights: PriorityWeights, now: Date): number {
  const buildSeconds = record.last_successful_build_time ?? record.last_build_time;
  const { waiting_days, build_hours } = weights;
  const hours = buildSeconds === null ? build_hours.default : Math.floor(buildSeconds / secondsPerHour);
  return (
    weightOf(weights.priority, record.priority) +
    weightOf(weights.section, record.section) +
    weightOf(weights.component, record.component) +
    weightOf(weights.notes, record.notes) +
    clamp(daysInState(record, now), waiting_days) * waiting_days.scale -
    clamp(hours, build_hours) * build_hours.scale +
    (record.buildpri ?? 0) +
    (record.permbuildpri ?? 0)
  );
}
