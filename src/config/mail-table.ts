// [mail] of buildd.conf: the buildd's address, limits, how mail goes out.
import * as v from 'valibot';
import { regularExpression } from './regular-expression.ts';
import { address, count, fingerprint, flag, text } from './values.ts';

/** The table. */
export const mailTable = v.strictObject({
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
