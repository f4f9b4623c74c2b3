// `--take`: who may build what. Exactly one builder holds a package; every take has a number that its reports carry.
import { compareVersions, splitBinNmu } from '../../debian/version.ts';
import type { PackageRecord } from '../record.ts';
import type { Transition, TransitionContext } from './event.ts';
import { changed, moveTo, refused } from './step.ts';
import { isVersionOf, staleClaim } from './ownership.ts';
import { judge } from './take-verdict.ts';
import { unregistered } from './unregistered.ts';

/** Takes a package for `context.user`. */
export function take(record: PackageRecord | null, version: string, context: TransitionContext): Transition {
  const name = context.key.package;
  if (record === null) return takeUnregistered(version, context);
  const stale = staleClaim(record, context);
  if (stale !== null) return stale;
  const wanted = isVersionOf(record, version) ? record.version : splitBinNmu(version).source;
  const verdict = judge(record, wanted, context);
  if (verdict.kind === 'no') return refusal(name, verdict.reason);
  const alreadyYours = `${name}: Note: already taken by you.`;
  if (verdict.kind === 'yours' && record.state === 'Building') {
    return { kind: 'unchanged', record, notes: [alreadyYours], reply: `${name}: ok` };
  }
  const after = taken(record, wanted, context);
  const notes = verdict.kind === 'yours' ? [alreadyYours] : verdict.notes;
  return changed(record, after, context, { action: 'take', notes, reply: `${name}: ok` });
}

const refusal = (name: string, reason: string): Transition => ({
  kind: 'refused',
  reason,
  lines: [`${name}: ${reason.split('\n')[0] ?? ''}`],
  notes: [],
});

const taken = (record: PackageRecord, version: string, context: TransitionContext): PackageRecord => {
  const base = moveTo(record, 'Building', context.time, {
    builder: context.user,
    claim: record.claim + 1,
    state_change: context.time,
    previous_state: record.state,
    depends: null,
  });
  if (compareVersions(version, record.version) === 0) return base;
  // Another version than the registered one: what was asked for the registered one does not hold for it.
  return { ...base, version, binary_nmu_version: null, binary_nmu_changelog: null, buildpri: null, source_path: null };
};

const takeUnregistered = (version: string, context: TransitionContext): Transition => {
  const name = context.key.package;
  if (!context.override) return refused(name, 'not registered yet');
  const record: PackageRecord = {
    ...unregistered(context.key, splitBinNmu(version).source, context.time),
    state: 'Building',
    builder: context.user,
    claim: 1,
  };
  const notes = [`${name}: Warning: not registered yet, but overridden.`];
  return changed(null, record, context, { action: 'take', notes, reply: `${name}: ok` });
};
