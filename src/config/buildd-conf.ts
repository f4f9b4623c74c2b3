// What buildd.conf may contain: every key with its type, default and unit. The names are those of the existing
// buildd.conf. Nothing here reads a file; see load.ts.
import * as v from 'valibot';
import { authTable } from './auth-table.ts';
import { builderTable, limitsTable } from './builder-table.ts';
import { distributionsTable, filters } from './distributions-table.ts';
import { mailTable } from './mail-table.ts';
import { regularExpression } from './regular-expression.ts';
import { uploadQueueTable } from './upload-queues-table.ts';
import { address, count, days, distributionName, flag, strings, text } from './values.ts';

/** buildd.conf as it stands in the file, defaults filled in. */
export const builddConfSchema = v.strictObject({
  admin_mail: v.optional(address, 'root'),
  nice_level: v.optional(
    v.pipe(v.number('expected a number'), v.integer(), v.minValue(0), v.maxValue(19, 'expected 0 to 19')),
    10,
  ),
  max_build: v.optional(v.pipe(count, v.minValue(1, 'expected 1 or more')), 1),
  jobs: v.optional(v.pipe(count, v.minValue(1, 'expected 1 or more')), 1),
  take_from_dists: v.optional(v.array(distributionName)),
  ...filters,
  /** Minutes. */
  delay_after_give_back: v.optional(count, 480),
  /** Seconds. */
  idle_sleep_time: v.optional(count, 300),
  /** KiB. */
  min_free_space: v.optional(count, 51_200),
  max_sbuild_fails: v.optional(count, 2),
  should_build_msgs: v.optional(flag, true),
  no_detach: v.optional(flag, false),
  warning_age: v.optional(days, 7),
  no_warn_pattern: v.optional(regularExpression),
  pkg_log_keep: v.optional(days, 7),
  build_log_keep: v.optional(days, 2),
  daemon_log_rotate: v.optional(days, 1),
  daemon_log_keep: v.optional(days, 7),
  daemon_log_send: v.optional(flag, true),
  statistics_mail: v.optional(address, 'root'),
  statistics_period: v.optional(days, 7),
  /** Seconds. */
  error_mail_window: v.optional(count, 28_800),
  log_queued_messages: v.optional(flag, false),
  dupload_to: v.optional(text, 'erlangen'),
  pidfile: v.optional(text),
  daemon_log_file: v.optional(text),
  /** Seconds. */
  build_timeout: v.optional(count, 86_400),
  /** Seconds. */
  stuck_timeout: v.optional(count, 7200),
  builder: v.optional(builderTable),
  store: v.optional(text),
  wanna_build: v.optional(text),
  sbuild_args: v.optional(strings, []),
  dpkg_file_suffix: v.optional(text),
  build_user: v.optional(text),
  path: v.optional(text),
  sudo: v.optional(text),
  keep_history: v.optional(days, 365),
  limits: v.optional(limitsTable, {}),
  distributions: v.optional(v.array(distributionsTable, 'expected [[distributions]] tables'), []),
  upload_queues: v.optional(v.array(uploadQueueTable, 'expected [[upload_queues]] tables'), []),
  mail: v.optional(mailTable, {}),
  auth: v.optional(authTable, {}),
});

type Conf = v.InferOutput<typeof builddConfSchema>;
type DistributionsTable = Conf['distributions'][number];

/** One distribution that this buildd serves; a `dist_name` list has become one of these for each name. */
export interface DistributionConf extends Omit<
  DistributionsTable,
  'dist_name' | 'built_architecture' | 'wanna_build_db_user'
> {
  readonly dist_name: string;
  /** This host's architecture where the file names none. */
  readonly built_architecture: string;
  /** The builder name in the store; the login name where the file names none. */
  readonly wanna_build_db_user: string;
}

export type UploadQueueConf = Conf['upload_queues'][number];
export type MailConf = Omit<Conf['mail'], 'address'> & {
  /** The buildd's own address, replies go to it: `[mail] address`, else `buildd@HOSTNAME`. */
  readonly address: string;
};
/** What an admin may be allowed to say; `all` is everything. */
export const roles = [
  'all',
  'changes',
  'retry',
  'fail',
  'dep-wait',
  'give-back',
  'manual',
  'newvers',
  'not-for-us',
  'upload-rem',
  'purge',
  'build',
  'no-build',
  'undo',
  'help',
  'status',
  'blacklist',
  'command',
] as const;
export type Role = (typeof roles)[number];
export interface AdminConf {
  /** Lower case. */
  readonly addresses: readonly string[];
  /** Of primary keys; null: every key of the ring (the short form `admin_addresses`). */
  readonly fingerprints: readonly string[] | null;
  readonly roles: readonly Role[];
  /** Null: all distributions. */
  readonly distributions: readonly string[] | null;
}
export type AuthConf = Omit<Conf['auth'], 'admins' | 'admin_addresses'> & { readonly admins: readonly AdminConf[] };
export type BuilderConf = v.InferOutput<typeof builderTable> & { readonly use: 'sbuild' | 'dpkg' | 'command' };

/** The configuration as the programs use it: checked, defaults filled in, lists resolved. */
export type BuilddConf = Omit<Conf, 'distributions' | 'mail' | 'auth' | 'builder'> & {
  readonly distributions: readonly DistributionConf[];
  readonly mail: MailConf;
  readonly auth: AuthConf;
  readonly builder: BuilderConf;
  /** The files it was read from, in order; for noticing changes. */
  readonly files: readonly string[];
  /** Lines about keys that are set but whose feature is not there yet. */
  readonly notices: readonly string[];
};
