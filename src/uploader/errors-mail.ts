// The mail "dupload errors": one for all jobs that failed in a run. A run each minute must not become a mail each
// minute: the same jobs are told once an hour, and at once again when others fail or all had gone well.
import { createHash } from 'node:crypto';
import { openIntent, type Intent } from '../home/intent.ts';
import type { UploaderWorld } from './world.ts';

export interface FailedJob {
  /** `QUEUE/X.changes`. */
  readonly job: string;
  /** Everything that was said about it. */
  readonly output: string;
}

const metaKey = 'dupload_errors_mailed';
const repeatAfterSeconds = 3600;

/** Mails the admin what failed, with the complete output. */
export async function mailErrors(world: UploaderWorld, failed: readonly FailedJob[]): Promise<void> {
  const intent = world.db.exclusively(() => openMail(world, failed));
  if (intent !== null) await world.carryOut(intent);
}

// What was told last is noted in the transaction that writes the mail down. Null: nothing to tell now.
const openMail = ({ db, clock }: UploaderWorld, failed: readonly FailedJob[]): Intent | null => {
  const now = clock.now();
  const jobs = createHash('sha256')
    .update(failed.map(({ job }) => job).join('\n'))
    .digest('hex');
  const [lastJobs, lastTime] = (
    (db.sql.prepare('select value from meta where key = ?').pluck().get(metaKey) as string | undefined) ?? ''
  ).split(' ');
  if (failed.length === 0) {
    db.sql.prepare('delete from meta where key = ?').run(metaKey);
    return null;
  }
  if (lastJobs === jobs && now.getTime() - Number(lastTime) < repeatAfterSeconds * 1000) return null;
  db.sql
    .prepare('insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value')
    .run(metaKey, `${jobs} ${now.getTime()}`);
  const mail = { kind: 'notice', subject: 'dupload errors', text: textOf(failed) } as const;
  return openIntent(
    db,
    { what: 'mail dupload errors', subject: null, effects: [], mails: [mail], refusalMails: [] },
    now,
  );
};

const textOf = (failed: readonly FailedJob[]): string => {
  const jobs = failed.map(({ job, output }) => `${job}\n${'-'.repeat(job.length)}\n${output}\n`);
  return `These uploads failed. Each is tried again as a whole in the next run.\n\n${jobs.join('\n')}`;
};
