// What a notice of the archive or of the store does. Pure. A notice is a hint that anybody could have written: it removes an upload only
// when the upload's own .upload file and the store say the same.
import type { Effect } from '../../../home/effect.ts';
import type { PackageRecord } from '../../../wanna-build/record.ts';
import type { QueuedUpload, Standing } from './standing.ts';
import { newerThanMeant, versionOf } from './state-check.ts';
import { purgeEffects } from './verdict.ts';

export interface NoticeFacts {
  /** Name of the .changes that the notice speaks of. */
  readonly changes: string;
  /** The queues that hold it. */
  readonly queued: readonly QueuedUpload[];
  /** One for each of its distributions: what the upload is, and what the store says. */
  readonly records: readonly {
    readonly distribution: string;
    readonly version: string;
    readonly record: PackageRecord | null;
  }[];
}

export type NoticeVerdict =
  { readonly kind: 'remove'; readonly effect: Effect } | { readonly kind: 'log'; readonly reason: string };

const onlyLogged = (reason: string): NoticeVerdict => ({ kind: 'log', reason });

/** The upload that a notice of ACCEPTED or INSTALLED removes, or why it is only logged. */
export function answerNotice({ changes, queued, records }: NoticeFacts): NoticeVerdict {
  const [upload, ...others] = queued;
  if (upload === undefined) return onlyLogged(`no upload queue has ${changes}`);
  if (others.length > 0)
    return onlyLogged(`${queued.length} upload queues have ${changes}: ${queued.map(({ queue }) => queue).join(', ')}`);
  if (!upload.uploaded) return onlyLogged(`${changes} was not uploaded from here completely`);
  if (records.length === 0) return onlyLogged(`${changes} cannot be read`);
  for (const { distribution, version, record } of records) {
    // Installed: the archive's index was merged before its notice was read.
    const isUploaded =
      record !== null && ['Uploaded', 'Installed'].includes(record.state) && versionOf(record) === version;
    if (!isUploaded)
      return onlyLogged(
        `the store does not hold ${version} as Uploaded in ${distribution}, but ${record === null ? 'nothing' : `${versionOf(record)} as ${record.state}`}`,
      );
  }
  return { kind: 'remove', effect: { kind: 'unqueue', queues: [upload.queue], changes } };
}

/**
 * A new version came and the old one is not built any more: out of REDO or into SKIP, results purged. Null where
 * there is nothing to do: the store still wants the version that the mail calls old, or it is being built now.
 */
export function forgetOldVersion(standing: Standing, isInRedo: 'in REDO' | 'not in REDO'): readonly Effect[] | null {
  if (newerThanMeant(standing) === null || standing.running) return null;
  const key = { package: standing.package, version: standing.version, distribution: standing.distribution };
  const first: Effect = isInRedo === 'in REDO' ? { kind: 'redo-remove', ...key } : { kind: 'skip-add', ...key };
  return [first, ...purgeEffects(standing).filter((effect) => effect.kind !== 'redo-remove')];
}
