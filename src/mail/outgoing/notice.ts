// A text of the buildd to its admin: dupload errors, old files, a mess with the builder. Pure.
import { headerText, mailDate } from './header.ts';
import { indented } from './lines.ts';
import type { MailDraft } from './draft.ts';

export interface NoticeFacts {
  readonly to: string;
  readonly ownAddress: string;
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly now: Date;
}

const longestNotice = 20_000;

/** The notice as a mail; its lines are made harmless, since programs' output stands in it. */
export function noticeMail({ to, ownAddress, subject, text, messageId, now }: NoticeFacts): MailDraft {
  return {
    fields: [
      ['From', ownAddress],
      ['To', to],
      ['Subject', headerText(subject)],
      ['Date', mailDate(now)],
      ['Message-ID', messageId],
      ['Auto-Submitted', 'auto-generated'],
      ['X-Loop', headerText(ownAddress)],
    ],
    text: `${indented(text, '', longestNotice).join('\n')}\n`,
    attachments: [],
  };
}
