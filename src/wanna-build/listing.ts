// `--list`: which packages, in which order, in which form. The forms are read by build daemons.
import type { PriorityWeights } from '../config/wanna-build-conf.ts';
import { defaultOrder, orderOf } from './listing/order.ts';
import { formatListed } from './listing/format.ts';
import type { Listed, ListQuery } from './listing/listed.ts';
import { owns } from './transition/ownership.ts';
import { calculatedPriority, daysInState, secondsInState } from './priority.ts';
import type { PackageRecord } from './record.ts';
import type { State } from './states.ts';

/** The packages that a query means, in its order. */
export function listPackages(
  records: readonly PackageRecord[],
  query: ListQuery,
  weights: PriorityWeights,
  now: Date,
): Listed[] {
  return records
    .filter((record) => isWanted(record, query, now))
    .map((record) => listed(record, weights, now))
    .sort(orderOf(query.order ?? defaultOrder(query.state)));
}

const isWanted = (record: PackageRecord, query: ListQuery, now: Date): boolean => {
  if (query.state !== 'all' && record.state !== query.state) return false;
  if (query.api < 1 && (record.extra_depends !== null || record.extra_conflicts !== null)) return false;
  const days = secondsInState(record, now) / 86_400;
  if (query.minAge !== null && days < query.minAge) return false;
  if (query.maxAge !== null && days > query.maxAge) return false;
  if (query.user === null || query.state === 'Needs-Build') return true;
  return record.builder !== null && owns(query.user, record.builder);
};

const listed = (record: PackageRecord, weights: PriorityWeights, now: Date): Listed => {
  const priority = calculatedPriority(record, weights, now);
  const days = daysInState(record, now);
  const words = [
    record.priority ?? '',
    record.notes ?? '',
    ...(record.previous_state === 'Failed' ? ['PREV-FAILED'] : []),
    ...(record.buildpri === null ? [] : [`bp{${record.buildpri}}`]),
    ...(record.binary_nmu_version === null || record.state === 'Installed'
      ? []
      : [`binNMU{${record.binary_nmu_version}}`]),
    `calprio{${priority}}`,
    `days{${days}}`,
  ];
  return { record, calculatedPriority: priority, days, seconds: secondsInState(record, now), bracket: words.join(':') };
};

/** The list as text: with totals, or bare for API 2 and `--format`. */
export function formatList(packages: readonly Listed[], query: ListQuery, format: string | null): string {
  if (format !== null) return packages.map((one, index) => `${formatListed(format, one, index + 1)}\n`).join('');
  if (query.api >= 2) return packages.map((one) => `${shortLine(one)}\n`).join('');
  const lines = packages.flatMap((one) => [listLine(one, query.state), ...reasonLines(one.record)]);
  return [...lines, ...totals(packages, query.state)].map((line) => `${line}\n`).join('');
}

const shortLine = ({ record, bracket }: Listed): string =>
  `${record.architecture}/${record.distribution}/${record.package}_${record.version} [${bracket}]`;

/** `SECTION/NAME_VERSION[: STATE][ by BUILDER] [PRIORITY:NOTES…]`. */
export function listLine({ record, bracket }: Listed, asked: State | 'all'): string {
  const state = asked === 'all' ? `: ${record.state}` : '';
  const builder = record.builder === null || record.state === 'Needs-Build' ? '' : ` by ${record.builder}`;
  return `${record.section ?? 'unknown'}/${record.package}_${record.version}${state}${builder} [${bracket}]`;
}

const reasonLines = (record: PackageRecord): string[] => {
  const indented = (text: string | null): string[] => (text ?? '').split('\n').map((line) => `    ${line}`);
  if (record.state === 'Failed') return ['  Reasons for failing:', ...indented(record.failed)];
  if (record.state === 'Dep-Wait') return [`  Dependencies: ${record.depends ?? ''}`];
  if (record.state === 'BD-Uninstallable') return ['  Reasons for BD-Uninstallable:', ...indented(record.bd_problem)];
  return [];
};

const totals = (packages: readonly Listed[], asked: State | 'all'): string[] => {
  const total = `Total ${packages.length} package(s)`;
  if (asked !== 'all') return [total];
  const counts = new Map<string, number>();
  for (const { record } of packages) counts.set(record.state, (counts.get(record.state) ?? 0) + 1);
  const states = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...states.map(([state, count]) => `Total ${count} package(s) in state ${state}.`), total];
};
