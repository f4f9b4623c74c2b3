// Uploading into a directory of this machine: the files first, the .changes last, each whole or not there. The .upload
// log becomes durable before the .changes gets its name, so a crash at any point never uploads a second time.
import { constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { formatUploadLog, uploadLogName } from '../debian/upload-log.ts';
import { syncDirectory, writeFileAtomically } from '../platform/atomic-file.ts';
import { messageOf } from '../platform/errors.ts';
import type { Attempt } from './dupload.ts';
import type { UploadQueue } from './queue.ts';

/** Copies an upload whose files were checked; the log says who has it. Never rejects. */
export async function copyUpload(
  queue: UploadQueue,
  changesName: string,
  files: readonly string[],
  now: Date,
): Promise<Attempt> {
  const { target } = queue;
  if (target === null)
    return { ok: false, output: `upload_queues: the queue ${queue.name} has program "copy" but no target` };
  try {
    mkdirSync(target, { recursive: true });
    for (const file of files)
      await copyDurably(join(queue.directory, file), join(target, `.${file}.tmp`), join(target, file));
    await copyDurably(
      join(queue.directory, changesName),
      join(target, `.${changesName}.tmp`),
      waitingName(target, changesName),
    );
    syncDirectory(target);
    const log = join(queue.directory, uploadLogName(changesName));
    writeFileAtomically(log, formatUploadLog(files, changesName, queue.archive, now));
    finishCopy(queue, changesName);
    return { ok: true, output: '' };
  } catch (error) {
    return { ok: false, output: `cannot copy into ${target}: ${messageOf(error)}` };
  }
}

/**
 * Gives the .changes its name in the target. Also after a crash: an upload whose log is complete but whose .changes
 * still waits there. Nothing happens where nothing waits.
 */
export function finishCopy(queue: UploadQueue, changesName: string): void {
  if (queue.target === null) return;
  const waiting = waitingName(queue.target, changesName);
  if (!existsSync(waiting)) return;
  renameSync(waiting, join(queue.target, changesName));
  syncDirectory(queue.target);
}

const waitingName = (target: string, changesName: string): string => join(target, `.${changesName}.waiting`);

const copyDurably = async (from: string, temporary: string, to: string): Promise<void> => {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    rmSync(temporary, { force: true });
    const copy = await open(temporary, 'wx', 0o644);
    try {
      const piece = Buffer.alloc(1024 * 1024);
      for (let { bytesRead } = await source.read(piece); bytesRead > 0; { bytesRead } = await source.read(piece)) {
        await copy.writeFile(piece.subarray(0, bytesRead));
      }
      await copy.chmod(0o644);
      await copy.sync();
    } finally {
      await copy.close();
    }
    renameSync(temporary, to);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    await source.close();
  }
};
