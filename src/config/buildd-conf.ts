// What buildd.conf may contain: every key with its type, default and unit. The names are those of the existing
// buildd.conf. Nothing here reads a file; see load.ts.
import * as v from 'valibot';
import { isArchitectureName, isDistributionName } from '../debian/names.ts';
import { regularExpression } from './regular-expression.ts';

const strings = v.array(v.string('expected a string'), 'expected a list of strings');
const text = v.string('expected a string');
const flag = v.boolean('expected true or false');
const count = v.pipe(
  v.number('expected a whole number'),
  v.integer('expected a whole number'),
  v.minValue(0, 'expected 0 or more'),
);
const days = v.pipe(v.number('expected a number of days'), v.minValue(0, 'expected 0 or more'));
const address = v.pipe(text, v.regex(/^[^\s@<>(),;:"]+(?:@[A-Za-z0-9.-]+)?$/, 'expected a mail address'));
const fingerprint = v.pipe(
  text,
  v.transform((value) => value.replace(/\s+/g, '').toUpperCase()),
  v.regex(/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/, 'expected the 40 hex digits of a fingerprint'),
);
const distributionName = v.pipe(text, v.check(isDistributionName, 'expected the name of a distribution'));
const architecture = v.pipe(text, v.check(isArchitectureName, 'expected the name of an architecture'));
const oneOrMore = <T extends v.GenericSchema>(schema: T) =>
  v.union(
    [
      v.pipe(
        schema,
        v.transform((one) => [one]),
      ),
      v.array(schema),
    ],
    'expected a string or a list of strings',
  );

const filters = {
  no_auto_build: v.optional(strings),
  weak_no_auto_build: v.optional(strings),
  build_regex: v.optional(regularExpression),
  no_build_regex: v.optional(regularExpression),
};

const distributions = v.strictObject({
  dist_name: oneOrMore(distributionName),
  built_architecture: v.optional(architecture),
  sbuild_chroot: v.optional(text),
  wanna_build_db_user: v.optional(text),
  wanna_build_db_name: v.optional(text),
  wanna_build_api: v.optional(count),
  wanna_build_ssh_host: v.optional(text),
  wanna_build_ssh_user: v.optional(text),
  wanna_build_ssh_socket: v.optional(text),
  wanna_build_ssh_options: v.optional(strings),
  wanna_build_min_age: v.optional(days),
  dupload_local_queue_dir: v.optional(text, 'upload'),
  ...filters,
  logs_mailed_to: v.optional(address),
  logs_mail_also: v.optional(oneOrMore(address), []),
  build_dep_resolver: v.optional(text),
  sign_with: v.optional(fingerprint),
  maintainer_name: v.optional(text),
  mailfrom: v.optional(text),
});

const uploadQueue = v.strictObject({
  dupload_local_queue_dir: v.optional(text, 'upload'),
  dupload_archive_name: v.optional(text),
  program: v.optional(
    v.picklist(['dupload', 'dput', 'dput-ng', 'copy', 'sftp'], 'expected dupload, dput, dput-ng, copy or sftp'),
    'dupload',
  ),
  target: v.optional(text),
});

const commandBuilder = v.strictObject({ build: strings, create: v.optional(strings), delete: v.optional(strings) });
const builderName = v.picklist(['sbuild', 'dpkg', 'command'], 'expected "sbuild", "dpkg" or "command"');

/**
 * TOML cannot hold `builder = "dpkg"` and `[builder.command]` in one file, so a `[builder]` table says the name as
 * `use`; `bubblewrap` (default true) and `network` (default false) are the dpkg builder's isolation.
 */
const builder = v.union(
  [
    v.pipe(
      builderName,
      v.transform((use) => ({ use, command: undefined, bubblewrap: true, network: false })),
    ),
    v.strictObject({
      use: v.optional(builderName),
      command: v.optional(commandBuilder),
      bubblewrap: v.optional(flag, true),
      network: v.optional(flag, false),
    }),
  ],
  'expected "sbuild", "dpkg" or "command", or a table [builder] with use = …',
);

const limits = v.strictObject({
  memory: v.optional(count),
  cpu_seconds: v.optional(count),
  processes: v.optional(count),
});

const mail = v.strictObject({
  address: v.optional(address),
  banner_patterns: v.optional(v.array(regularExpression), []),
  max_mail_size: v.optional(count, 10 * 1024 * 1024),
  max_log_lines: v.optional(count, 2000),
  max_log_bytes: v.optional(count, 512 * 1024),
  sign_logs_with: v.optional(fingerprint),
  transport: v.optional(
    v.pipe(
      text,
      v.regex(/^(?:sendmail|smtps?:\/\/\S+|dir:.+)$/, 'expected "sendmail", "smtp://HOST:PORT" or "dir:PATH"'),
    ),
    'sendmail',
  ),
  acknowledge: v.optional(flag, false),
  digest: v.optional(v.pipe(text, v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day, "08:00"'))),
  max_answers_per_hour: v.optional(count, 20),
});

const admin = v.strictObject({
  addresses: v.array(address, 'expected a list of mail addresses'),
  fingerprints: v.optional(v.array(fingerprint), []),
  roles: v.optional(strings, ['all']),
  distributions: v.optional(v.array(distributionName)),
});

const auth = v.strictObject({
  admin_keyring: v.optional(oneOrMore(text), []),
  accept: v.optional(
    v.array(v.picklist(['signature', 'token', 'sender'], 'expected "signature", "token" or "sender"')),
    ['signature', 'token'],
  ),
  /** Days. */
  max_signature_age: v.optional(days, 4),
  trusted_notices: v.optional(v.array(address), []),
  trusted_authserv_id: v.optional(text),
  admin_addresses: v.optional(v.array(address)),
  admins: v.optional(v.array(admin), []),
});

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
  builder: v.optional(builder),
  store: v.optional(text),
  wanna_build: v.optional(text),
  sbuild_args: v.optional(strings, []),
  dpkg_file_suffix: v.optional(text),
  build_user: v.optional(text),
  path: v.optional(text),
  sudo: v.optional(text),
  keep_history: v.optional(days, 365),
  limits: v.optional(limits, {}),
  distributions: v.optional(v.array(distributions, 'expected [[distributions]] tables'), []),
  upload_queues: v.optional(v.array(uploadQueue, 'expected [[upload_queues]] tables'), []),
  mail: v.optional(mail, {}),
  auth: v.optional(auth, {}),
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
export type BuilderConf = v.InferOutput<typeof builder> & { readonly use: 'sbuild' | 'dpkg' | 'command' };

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
