// The answer to a take, as build daemons parse it: lines for API 0, one YAML document for API 1 and later.
import type { StoreDistribution } from '../config/wanna-build-conf.ts';
import type { TakeReply } from './client.ts';
import type { PackageKey, PackageRecord } from './record.ts';
import { previousFailure } from './transition/previous-failure.ts';

export interface TakeAnswer {
  readonly key: PackageKey;
  readonly reply: TakeReply;
  /** Warnings and notes that belong before it. */
  readonly notes: readonly string[];
}

/** The reply for a package that was taken: what the builder must know of it. */
export function takenReply(record: PackageRecord, distribution: StoreDistribution | null): TakeReply {
  return {
    status: 'ok',
    package: record.package,
    version: record.version,
    claim: record.claim,
    binary_nmu_version: record.binary_nmu_version,
    binary_nmu_changelog: record.binary_nmu_changelog,
    extra_depends: record.extra_depends,
    extra_conflicts: record.extra_conflicts,
    archive: distribution?.archive ?? null,
    build_dep_resolver: distribution?.build_dep_resolver ?? null,
    suppress_successful_logs: distribution?.suppress_successful_logs ?? false,
    mail_logs: distribution?.mail_logs ?? null,
    source_path: record.source_path,
    previous_failed: previousFailure(record),
  };
}

/** API 0: without `--verbose` only notes and refusals are shown. */
export function takeLines({ reply, notes }: TakeAnswer): { readonly always: string[]; readonly verbose: string[] } {
  const { package: name } = reply;
  const always = [...notes];
  if (reply.status !== 'ok') {
    return { always: [...always, `${name}: NOT OK!`, ...`  ${reply.reason}`.split('\n')], verbose: [] };
  }
  const verbose: string[] = [];
  if (reply.previous_failed !== null) verbose.push(`${name}: Warning: Previous version failed!`);
  if (reply.binary_nmu_version === null) return { always, verbose: [...verbose, `${name}: ok`] };
  verbose.push(`${name}: Warning: needs binary NMU ${reply.binary_nmu_version}`);
  verbose.push(onOneLine(reply.binary_nmu_changelog ?? ''), `${name}: aok`);
  return { always, verbose };
}

// Not by a regular expression over the blanks: that takes the square of a long run of them.
const onOneLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');

/** API 1: notes as comments, then all replies as one YAML list. */
export async function takeDocument(answers: readonly TakeAnswer[]): Promise<string> {
  const comments = answers.flatMap((answer) => [...answer.notes, ...warnings(answer.reply)]);
  const { yamlList } = await import('./yaml.ts');
  const entries = answers.map(({ key, reply }) => [reply.package, fieldsOf(key, reply)] as const);
  return comments.map((line) => `# ${line}\n`).join('') + yamlList(entries);
}

const warnings = (reply: TakeReply): string[] =>
  reply.status === 'ok' && reply.previous_failed !== null
    ? [`${reply.package}: Warning: Previous version failed!`]
    : [];

const fieldsOf = (key: PackageKey, reply: TakeReply): Record<string, unknown>[] => {
  if (reply.status !== 'ok') return [{ status: reply.status }, { reason: reply.reason }];
  const fields: Record<string, unknown> = {
    status: reply.status,
    'pkg-ver': `${reply.package}_${reply.version}`,
    suite: key.distribution,
    arch: key.architecture,
    binNMU: reply.binary_nmu_version,
    'extra-changelog': reply.binary_nmu_changelog,
    'extra-depends': reply.extra_depends,
    'extra-conflicts': reply.extra_conflicts,
    archive: reply.archive,
    build_dep_resolver: reply.build_dep_resolver,
    suppress_successful_logs: reply.suppress_successful_logs ? true : null,
    mail_logs: reply.mail_logs,
    'previous-failed': reply.previous_failed === null ? null : true,
    claim: reply.claim,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ({ [name]: value }));
};
