// [[upload_queues]] of buildd.conf: one directory, one program that empties it.
import * as v from 'valibot';
import { text } from './values.ts';

/** One table. */
export const uploadQueueTable = v.strictObject({
  dupload_local_queue_dir: v.optional(text, 'upload'),
  dupload_archive_name: v.optional(text),
  program: v.optional(
    v.picklist(['dupload', 'dput', 'dput-ng', 'copy', 'sftp'], 'expected dupload, dput, dput-ng, copy or sftp'),
    'dupload',
  ),
  target: v.optional(text),
});
