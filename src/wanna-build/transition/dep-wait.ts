// `--dep-wait`: a package waits until named packages appear in the archive.
import { formatDependencyList, parseDependencyList } from '../../debian/dependency.ts';
import type { PackageRecord } from '../record.ts';
import type { State } from '../states.ts';
import type { Transition, TransitionContext } from './event.ts';
import { builderAfter, foreignReport } from './ownership.ts';
import { changed, moveTo, refused } from './step.ts';

const withWarning: readonly State[] = ['Needs-Build', 'Failed', 'BD-Uninstallable'];
const closed: readonly State[] = ['Installed', 'Not-For-Us', 'Auto-Not-For-Us'];

/** Registers what a package waits for; merges with what it waits for already. */
export function waitFor(record: PackageRecord, version: string, list: string, context: TransitionContext): Transition {
  const { package: name, state } = record;
  if (closed.includes(state)) {
    if (state === 'Installed') return refused(name, 'skipping: state is Installed');
    return refused(name, 'not suitable for this architecture anyway. Skipping.');
  }
  const foreign = foreignReport(record, version, context);
  if (foreign !== null) return foreign;
  if (parseDependencyList(list) === null) return refused(name, 'Bad dependency list');
  const merging = state === 'Dep-Wait' && record.depends !== null;
  const after = moveTo(record, 'Dep-Wait', context.time, {
    depends: mergeDependencyLists(list, merging ? record.depends : null),
    builder: builderAfter(record, context),
  });
  return changed(record, after, context, {
    action: 'dep-wait',
    notes: withWarning.includes(state) ? [`${name}: warning: state is ${state}, processing anyways.`] : [],
    remarks: merging ? [`${name}: merging with previously registered dependencies`] : [],
    reply: `${name}: registered as waiting for dependencies`,
  });
}

/** The new entries, then the old ones of packages that they do not name. */
function mergeDependencyLists(list: string, previous: string | null): string {
  const added = parseDependencyList(list) ?? [];
  const kept = previous === null ? [] : (parseDependencyList(previous) ?? []);
  const named = new Set(added.map((dependency) => dependency.package));
  return formatDependencyList([...added, ...kept.filter((dependency) => !named.has(dependency.package))]);
}
