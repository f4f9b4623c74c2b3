// Which uploads there are: the queue directories of the configuration and the .changes files in them. Only looks;
// never opens a .changes and never follows a symbolic link.
import { lstatSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BuilddConf, UploadQueueConf } from '../config/buildd-conf.ts';
import { readTextIfThere } from '../platform/atomic-file.ts';
import { systemCodeOf } from '../platform/errors.ts';
import { isCompleteUploadLog, uploadLogName } from '../debian/upload-log.ts';
import { queueDirectory } from '../home/carry-out.ts';
import type { HomePaths } from '../home/paths.ts';

export interface UploadQueue {
  /** As configured: `upload`, `upload-security`. */
  readonly name: string;
  /** Absolute path. */
  readonly directory: string;
  readonly program: UploadQueueConf['program'];
  /** The archive's name for the upload program. */
  readonly archive: string;
  /** Where `copy` puts files, absolute; null where none is configured. */
  readonly target: string | null;
}

/**
 * What the .upload file says. none: not uploaded yet; partial: an uploader was killed over it; complete: it is in
 * the archive's hands; earlier: complete, but written before this .changes was, so about one that it replaced.
 */
type LogState = 'none' | 'partial' | 'complete' | 'earlier';

export interface QueuedChanges {
  readonly queue: UploadQueue;
  /** File name of the .changes. Not checked yet. */
  readonly name: string;
  readonly log: LogState;
}

/**
 * The configured queues; where there is no `[[upload_queues]]`, the queue directories of the distributions, each
 * uploaded to `dupload_to`.
 * @throws DataError for a queue directory that is not a plain name in the home.
 */
export function queuesOf(conf: BuilddConf, paths: HomePaths): UploadQueue[] {
  const make = (name: string, entry: Partial<UploadQueueConf>): UploadQueue => ({
    name,
    directory: queueDirectory(paths, name),
    program: entry.program ?? 'dupload',
    archive: entry.dupload_archive_name ?? conf.dupload_to,
    target: entry.target === undefined ? null : resolve(paths.root, entry.target),
  });
  if (conf.upload_queues.length > 0) {
    return conf.upload_queues.map((entry) => make(entry.dupload_local_queue_dir, entry));
  }
  const names = conf.distributions.map((distribution) => distribution.dupload_local_queue_dir);
  return [...new Set(names)].map((name) => make(name, {}));
}

/** The .changes files of a queue by name, each with the state of its .upload. A directory that is missing has none. */
export function scanQueue(queue: UploadQueue): QueuedChanges[] {
  let entries: string[];
  try {
    entries = readdirSync(queue.directory);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((name) => name.endsWith('.changes') && !name.startsWith('.'))
    .sort()
    .map((name) => ({ queue, name, log: logState(queue.directory, name) }));
}

/** What the .upload file of a .changes says now. */
export function logState(directory: string, changesName: string): LogState {
  const path = join(directory, uploadLogName(changesName));
  const text = readTextIfThere(path);
  if (text === null) return 'none';
  if (!isCompleteUploadLog(text, changesName)) return 'partial';
  return lstatSync(join(directory, changesName)).mtimeMs > lstatSync(path).mtimeMs ? 'earlier' : 'complete';
}
