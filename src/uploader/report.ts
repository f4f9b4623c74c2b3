// Tells the store that something is uploaded: one intent for each distribution, written in one transaction, so that
// an upload is reported exactly once however often the uploader is killed. The intents themselves are the record.
import type { BuilddConf, DistributionConf } from '../config/buildd-conf.ts';
import { lastBuildOf } from '../home/builds.ts';
import type { HomeDatabase } from '../home/database.ts';
import { openIntent, type Intent, type IntentDraft } from '../home/intent.ts';
import { binaryVersion } from '../debian/version.ts';
import type { UploadQueue } from './queue.ts';
import type { ReadChanges } from './verify.ts';

/** Names this one upload: the .changes with its SHA-256, because a rebuild has a .changes of the same name. */
const markOf = (queue: UploadQueue, name: string, sha256: string): string => `uploaded ${queue.name}/${name} ${sha256}`;

/** Whether the report of this upload is written down already. */
export function isReported(db: HomeDatabase, queue: UploadQueue, name: string, sha256: string): boolean {
  const mark = markOf(queue, name, sha256);
  // The mark alone, or the mark with a blank and more: `!` is the character after the blank.
  const found = db.sql.prepare('select 1 from intents where what >= ? and what < ? limit 1').get(mark, `${mark}!`);
  return found !== undefined;
}

/**
 * Writes the reports of an upload down, unless they are; the caller carries them out. An upload for distributions
 * that this buildd does not build leaves one intent without effect, so that it counts as reported.
 */
export function openReports(
  db: HomeDatabase,
  conf: BuilddConf,
  upload: { readonly queue: UploadQueue; readonly name: string; readonly read: ReadChanges },
  now: Date,
): Intent[] {
  const { queue, name, read } = upload;
  const mark = markOf(queue, name, read.sha256);
  return db.exclusively(() => {
    if (isReported(db, queue, name, read.sha256)) return [];
    const ours = ownDistributions(conf, read);
    if (ours.length === 0)
      return [openIntent(db, { ...empty, what: `${mark} for a distribution that is not ours` }, now)];
    return ours.map((distribution) => openIntent(db, draft(db, mark, distribution, name, read), now));
  });
}

/** Why the store refused a report; null when it did not. */
export function refusalOf(db: HomeDatabase, intent: Intent): string | null {
  return (
    (db.sql.prepare('select refusal from intents where number = ?').pluck().get(intent.number) as
      string | null | undefined) ?? null
  );
}

const empty = { subject: null, effects: [], mails: [], refusalMails: [] };

const ownDistributions = (conf: BuilddConf, { changes }: ReadChanges): DistributionConf[] =>
  conf.distributions.filter(
    (entry) =>
      changes.distributions.includes(entry.dist_name) && changes.architectures.includes(entry.built_architecture),
  );

const draft = (
  db: HomeDatabase,
  mark: string,
  entry: DistributionConf,
  name: string,
  { changes }: ReadChanges,
): IntentDraft => {
  const key = {
    package: changes.source,
    version: changes.sourceVersion,
    distribution: entry.dist_name,
    architecture: entry.built_architecture,
  };
  const build = lastBuildOf(db, key);
  // The last build may be a newer one than this upload's (a binNMU after it): its claim is not this upload's.
  const same = build !== null && binaryVersion(build.version, build.binNmu?.number ?? 0) === changes.version;
  const claim = same ? build.claim : null;
  const nameVersion = `${changes.source}_${changes.version}`;
  return {
    what: `${mark} ${entry.dist_name} ${entry.built_architecture}`,
    subject: { ...key, claim },
    effects: [
      {
        kind: 'store',
        report: {
          ...key,
          action: 'uploaded',
          version: changes.version,
          user: entry.wanna_build_db_user,
          claim,
          message: null,
          buildPriority: null,
        },
      },
    ],
    mails: [],
    refusalMails: [
      {
        kind: 'notice',
        subject: `${nameVersion} is uploaded, but the store refused to note it (dist=${entry.dist_name})`,
        text: `${name} went to the archive, but the store would not note it as Uploaded for ${entry.dist_name} on ${entry.built_architecture}.\nThe reason is in daemon.log; wanna-build --info ${changes.source} says where the package stands.\n`,
      },
    ],
  };
};
