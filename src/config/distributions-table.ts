// [[distributions]] of buildd.conf: what this buildd builds, as which user, into which queue; and the filters, which
// also stand at the top of the file.
import * as v from 'valibot';
import { regularExpression } from './regular-expression.ts';
import {
  address,
  architecture,
  count,
  days,
  distributionName,
  fingerprint,
  oneOrMore,
  strings,
  text,
} from './values.ts';

/** Which packages are left to others. */
export const filters = {
  no_auto_build: v.optional(strings),
  weak_no_auto_build: v.optional(strings),
  build_regex: v.optional(regularExpression),
  no_build_regex: v.optional(regularExpression),
};

/** One table. */
export const distributionsTable = v.strictObject({
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
