// Puts mails into a directory, one file each: for tests, the quickstart, and hosts without a mail server. Exactly once:
// the file's name comes from the mail's place in the outbox and its Message-ID, so a second delivery is the same file.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ensureDirectory, writeFileAtomically } from '../../platform/atomic-file.ts';
import { messageOf } from '../../platform/errors.ts';
import type { QueuedMail } from '../../home/outbox.ts';
import { formatFields } from './header.ts';
import type { Transport } from './delivery.ts';
import { withLf } from './transport-sendmail.ts';

/** A transport into a directory, which is made where it is missing. */
export function directoryTransport(directory: string): Transport {
  return {
    deliver: (mail) => {
      try {
        ensureDirectory(directory);
        writeFileAtomically(join(directory, fileName(mail)), delivered(mail), 0o640);
        return Promise.resolve({ kind: 'delivered' });
      } catch (error) {
        return Promise.resolve({ kind: 'unreachable', reason: messageOf(error) });
      }
    },
  };
}

// The number sorts by time; the digest keeps apart the mails of homes that share the directory.
const fileName = ({ number, messageId }: QueuedMail): string =>
  `${String(number).padStart(8, '0')}-${createHash('sha256').update(messageId).digest('hex').slice(0, 16)}.eml`;

// As a mail server delivers it: the envelope in front (RFC 5321 §4.4), the line ends of files.
const delivered = ({ from, to, raw }: QueuedMail): Buffer => {
  const envelope = formatFields([
    ['Return-Path', `<${from}>`],
    ...to.map((recipient) => ['Delivered-To', recipient] as const),
  ]);
  return withLf(Buffer.concat([Buffer.from(envelope), raw]));
};
