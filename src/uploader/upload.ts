// One run of the uploader: every queue, every .changes that is not uploaded yet, one after the other. A job that
// fails is put back whole and reported; it never stops the others.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { uploadLogName } from '../debian/upload-log.ts';
import { syncDirectory, syncFile } from '../platform/atomic-file.ts';
import { DataError, messageOf } from '../platform/errors.ts';
import { tryLock } from '../platform/lock.ts';
import { copyUpload, finishCopy } from './copy.ts';
import { dupload, type Attempt } from './dupload.ts';
import { mailErrors, type FailedJob } from './errors-mail.ts';
import { logState, queuesOf, scanQueue, type QueuedChanges } from './queue.ts';
import { isReported, openReports, refusalOf } from './report.ts';
import { checkSignature, uploadKeys } from './signature.ts';
import { checkFiles, readQueuedChanges, type ReadChanges } from './verify.ts';
import type { UploaderWorld } from './world.ts';

export type UploadSummary =
  /** Another uploader works on this home. */
  | { readonly kind: 'busy'; readonly pid: number }
  | {
      readonly kind: 'ran';
      /** `QUEUE/X.changes` of what went to its archive in this run. */
      readonly uploaded: readonly string[];
      /** The same of what an earlier run had uploaded and could not report any more. */
      readonly reportedLate: readonly string[];
      readonly failed: readonly FailedJob[];
      /** How many reports wait for the store to come back. */
      readonly waiting: number;
    };

type End = { readonly kind: 'uploaded' | 'late' | 'nothing' } | { readonly kind: 'failed'; readonly output: string };

/** Uploads what is queued and reports it to the store. One uploader at a time for a home. */
export async function runUploader(world: UploaderWorld): Promise<UploadSummary> {
  const path = join(world.paths.root, 'upload.lock');
  const taken = tryLock(path);
  if (taken.kind === 'held') return { kind: 'busy', pid: taken.by.pid };
  try {
    await world.finishOpenIntents();
    return await uploadAll(world);
  } finally {
    taken.lock.release();
  }
}

const uploadAll = async (world: UploaderWorld): Promise<UploadSummary> => {
  const uploaded: string[] = [];
  const reportedLate: string[] = [];
  const failed: FailedJob[] = [];
  let waiting = 0;
  for (const queued of queuesOf(world.conf(), world.paths).flatMap(scanQueue)) {
    const job = `${queued.queue.name}/${queued.name}`;
    const end = await uploadOne(world, queued, () => (waiting += 1));
    if (end.kind === 'uploaded') uploaded.push(job);
    if (end.kind === 'late') reportedLate.push(job);
    if (end.kind === 'failed') failed.push({ job, output: end.output });
    if (end.kind !== 'nothing') world.log.log(lineOf(job, queued, end));
  }
  await mailErrors(world, failed);
  return { kind: 'ran', uploaded, reportedLate, failed, waiting };
};

const uploadOne = async (world: UploaderWorld, queued: QueuedChanges, onWaiting: () => void): Promise<End> => {
  const { queue, name } = queued;
  try {
    const read = await readQueuedChanges(queue.directory, name);
    if (queued.log === 'complete') {
      finishCopy(queue, name);
      if (isReported(world.db, queue, name, read.sha256)) return { kind: 'nothing' };
      await report(world, queued, read, onWaiting);
      return { kind: 'late' };
    }
    removeLog(queued);
    if (read.signature !== null) {
      const keys = await uploadKeys(world.conf(), world.paths);
      await checkSignature(read.signature, keys, world.clock.now(), name);
    }
    await checkFiles(queue.directory, name, read.changes.files);
    const attempt = await attemptUpload(world, queued, read);
    // A hook that fails after the upload fails the program, not the upload: the log decides.
    if (logState(queue.directory, name) !== 'complete') {
      removeLog(queued);
      const notLogged = attempt.ok
        ? `${queue.program} ended well, but its log ${uploadLogName(name)} is not complete`
        : '';
      return { kind: 'failed', output: [attempt.output, notLogged].filter((part) => part !== '').join('\n') };
    }
    makeLogDurable(queued);
    await report(world, queued, read, onWaiting);
    return { kind: 'uploaded' };
  } catch (error) {
    // What the archive's notice or the admin took away meanwhile is no failure.
    if (!(error instanceof DataError)) return { kind: 'failed', output: messageOf(error) };
    if (!scanQueue(queue).some((still) => still.name === name)) return { kind: 'nothing' };
    return { kind: 'failed', output: error.message };
  }
};

const attemptUpload = async (
  world: UploaderWorld,
  { queue, name }: QueuedChanges,
  read: ReadChanges,
): Promise<Attempt> => {
  const { program } = queue;
  if (program === 'dupload') return dupload(queue, name, world.paths.root, world.conf().path);
  if (program === 'copy') {
    const files = read.changes.files.map((file) => file.name);
    return copyUpload(queue, name, files, world.clock.now());
  }
  return { ok: false, output: `upload_queues: program "${program}" is not there yet; use "dupload" or "copy"` };
};

const report = async (
  world: UploaderWorld,
  { queue, name }: QueuedChanges,
  read: ReadChanges,
  onWaiting: () => void,
): Promise<void> => {
  for (const intent of openReports(world.db, world.conf(), { queue, name, read }, world.clock.now())) {
    const end = await world.carryOut(intent);
    if (end === 'open') onWaiting();
    if (end === 'refused')
      world.log.log(
        `the store refused to note ${queue.name}/${name} as uploaded: ${refusalOf(world.db, intent) ?? ''}`,
      );
  }
};

const removeLog = ({ queue, name }: QueuedChanges): void => {
  rmSync(join(queue.directory, uploadLogName(name)), { force: true });
  syncDirectory(queue.directory);
};

const makeLogDurable = ({ queue, name }: QueuedChanges): void => {
  syncFile(join(queue.directory, uploadLogName(name)));
  syncDirectory(queue.directory);
};

const lineOf = (job: string, { queue }: QueuedChanges, end: End): string => {
  if (end.kind === 'failed') return `upload of ${job} failed: ${end.output.split('\n').at(-1) ?? ''}`;
  if (end.kind === 'late') return `reported ${job}, uploaded by an earlier run`;
  return `uploaded ${job} to ${queue.program === 'copy' && queue.target !== null ? queue.target : queue.archive}`;
};
