// Whether a registered package may be taken, and if not, why: state by state. `--override` lifts some of the refusals.
import { assertNever } from '../../platform/errors.ts';
import { compareVersions } from '../../debian/version.ts';
import type { PackageRecord } from '../record.ts';
import type { TransitionContext } from './event.ts';
import { owns } from './ownership.ts';

type Verdict =
  | { readonly kind: 'take'; readonly notes: readonly string[] }
  | { readonly kind: 'yours' }
  | { readonly kind: 'no'; readonly reason: string };

/** Judges a take of a version that was given, `+bN` taken off. */
export const judge = (record: PackageRecord, version: string, context: TransitionContext): Verdict => {
  const age = compareVersions(version, record.version);
  switch (record.state) {
    case 'Not-For-Us':
    case 'Auto-Not-For-Us':
      return { kind: 'no', reason: 'not suitable for this architecture' };
    case 'Dep-Wait':
    case 'Dep-Wait-Removed':
      return { kind: 'no', reason: 'not all source dependencies available yet' };
    case 'BD-Uninstallable':
      return { kind: 'no', reason: 'source dependencies are not installable' };
    case 'Uploaded':
      return judgeUploaded(record, age);
    case 'Installed':
      return judgeInstalled(record, age, context);
    case 'Needs-Build':
      return judgeQueued(record, version, age, context);
    case 'Building':
    case 'Built':
    case 'Build-Attempted':
      return judgeTaken(record, age, context);
    case 'Failed':
    case 'Failed-Removed':
      return judgeFailed(record, version, age, context);
    default:
      return assertNever(record.state);
  }
};

const newer = (record: PackageRecord): string => ` (in newer version ${record.version})`;
const takesNewer = (record: PackageRecord): Verdict => ({
  kind: 'take',
  notes: [`${record.package}: Warning: registered is only the older version ${record.version}.`],
});

const judgeUploaded = (record: PackageRecord, age: number): Verdict => {
  if (age > 0) return takesNewer(record);
  return { kind: 'no', reason: `already uploaded by ${record.builder ?? 'somebody'}${age < 0 ? newer(record) : ''}` };
};

const judgeInstalled = (record: PackageRecord, age: number, context: TransitionContext): Verdict => {
  const { package: name, version } = record;
  if (age > 0) return takesNewer(record);
  if (age === 0) return { kind: 'no', reason: "is up-to-date in the archive; doesn't need rebuilding" };
  if (context.override) {
    return { kind: 'take', notes: [`${name}: Warning: newer version ${version} already installed, but overridden.`] };
  }
  const reason = `newer version ${version} already in the archive; doesn't need rebuilding`;
  return { kind: 'no', reason };
};

const judgeQueued = (record: PackageRecord, version: string, age: number, context: TransitionContext): Verdict => {
  const { package: name } = record;
  if (age > 0) return takesNewer(record);
  if (age === 0) return { kind: 'take', notes: [] };
  if (context.override) {
    return {
      kind: 'take',
      notes: [`${name}: Warning: newer version ${record.version} needs building, but overridden.`],
    };
  }
  const reason = `newer version ${record.version} needs building, not ${version}`;
  return { kind: 'no', reason };
};

const judgeTaken = (record: PackageRecord, age: number, context: TransitionContext): Verdict => {
  const by = record.builder ?? 'somebody';
  if (age > 0) {
    const note = `${record.package}: Warning: Older version ${record.version} is being built by ${by}`;
    return { kind: 'take', notes: [note] };
  }
  if (age === 0 && owns(context.user, record.builder)) return { kind: 'yours' };
  if (context.override) {
    const notes = [`User ${by} had already taken the following package,`, 'but overriding this as you request:'];
    return { kind: 'take', notes };
  }
  const who = owns(context.user, record.builder) ? 'you' : by;
  return { kind: 'no', reason: `already taken by ${who}${age < 0 ? newer(record) : ''}` };
};

const judgeFailed = (record: PackageRecord, version: string, age: number, context: TransitionContext): Verdict => {
  if (age > 0) return { kind: 'take', notes: [] };
  if (context.override) {
    const by = record.builder === null ? '' : ` (by ${record.builder})`;
    const notes = [`The following package previously failed${by}`, 'but overriding this as you request:'];
    return { kind: 'take', notes };
  }
  if (age < 0) return { kind: 'no', reason: `newer version ${record.version} failed, not ${version}` };
  const why = (record.failed ?? '')
    .split('\n')
    .map((text) => `    ${text}`)
    .join('\n');
  return { kind: 'no', reason: `build of ${record.version} failed previously:\n${why}` };
};
