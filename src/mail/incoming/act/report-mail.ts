// Tells the admin of mails that were not processed: too large, or such that the processor ends on them. Their text
// is shown, never read.
import { createHash } from 'node:crypto';
import type { BuilddConf } from '../../../config/buildd-conf.ts';
import type { HomeDatabase } from '../../../home/database.ts';
import { openIntent, type Intent } from '../../../home/intent.ts';
import { noteMail } from '../../../home/received-mails.ts';
import type { Clock } from '../../../platform/clock.ts';
import { harmless } from '../../../platform/logger.ts';

export interface ReportPorts {
  conf(): BuilddConf;
  readonly db: HomeDatabase;
  readonly clock: Clock;
  carryOut(intent: Intent): Promise<unknown>;
}

const mostHeader = 16 * 1024;

/** The lines of a mail's header, made harmless, at most 16 KiB of them. */
function headerLines(raw: Uint8Array): string[] {
  const lines = Buffer.from(raw.subarray(0, mostHeader)).toString('utf8').split(/\r?\n/);
  const end = lines.indexOf('');
  return (end < 0 ? lines : lines.slice(0, end)).map(harmless);
}

/** Notes a mail that is larger than max_mail_size: the admin gets its header; it is not obeyed, nor answered. */
export async function reportOversizeMail(raw: Uint8Array, ports: ReportPorts): Promise<void> {
  const limit = ports.conf().mail.max_mail_size;
  const text = [
    `A mail of more than ${limit} bytes (max_mail_size) came in. It was not processed, and only its header was kept:`,
    '',
    ...headerLines(raw).map((line) => `  ${line}`),
  ].join('\n');
  const sha256 = createHash('sha256').update(raw).digest('hex');
  const intent = ports.db.exclusively(() => {
    if (!noteMail(ports.db, { messageId: '', sha256 }, 'oversize', ports.clock.now())) return null;
    return openNotice('A mail was too large', text, ports);
  });
  if (intent !== null) await ports.carryOut(intent);
}

/** Tells the admin of a mail that was moved to mqueue/failed, and how to try it again. */
export async function reportFailedMail(path: string, reason: string, ports: ReportPorts): Promise<void> {
  const text = [
    'A mail could not be processed in three attempts. It is kept here:',
    '',
    `  ${path}`,
    '',
    `The last reason: ${harmless(reason)}.`,
    'This is a defect of mailbuildd; please report it. To try the mail again:',
    '',
    `  buildd-mail --retry ${path}`,
  ].join('\n');
  await ports.carryOut(openNotice('A mail could not be processed', text, ports));
}

const openNotice = (subject: string, text: string, ports: ReportPorts): Intent =>
  openIntent(
    ports.db,
    {
      what: `notice: ${subject}`,
      subject: null,
      effects: [],
      mails: [{ kind: 'notice', subject, text }],
      refusalMails: [],
    },
    ports.clock.now(),
  );
