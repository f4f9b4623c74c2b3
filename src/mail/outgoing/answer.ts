// The answer to a mail: a confirmation, the help, or why it could not be processed. Pure. It never goes out with an
// envelope sender, and says that it is automatic, so that no two programs ever talk to each other (RFC 3834).
import type { Answered } from '../../home/mail-request.ts';
import { answerLines } from './answers.ts';
import { headerText, isMessageId, mailDate, type HeaderField } from './header.ts';
import { indented } from './lines.ts';
import type { MailDraft } from './draft.ts';
import type { Openings } from './openings.ts';

interface AnswerFacts {
  readonly to: string;
  readonly ownAddress: string;
  /** Where the answer to this answer goes: with the token of the letter that it is about, where there is one. */
  readonly replyTo: string;
  readonly text: string;
  /** What its reader can still do; said where the mail is a refusal. */
  readonly openings: Pick<Openings, 'possible' | 'instead'>;
  /** What the store refused with, after it had looked right at first; null for nothing. */
  readonly refusal: string | null;
  readonly answered: Answered;
  readonly messageId: string;
  readonly now: Date;
}

/** The first line of every refusal. */
export const notProcessed = 'Your mail could not be processed:';
const longestText = 500;
const longestQuote = 50;

/** The answer as a mail. */
export function answerMail(facts: AnswerFacts): MailDraft {
  return { fields: fieldsOf(facts), text: `${textOf(facts).join('\n')}\n`, attachments: [] };
}

const fieldsOf = ({ to, ownAddress, replyTo, answered, messageId, now }: AnswerFacts): HeaderField[] => {
  const thread = answered.messageId !== null && isMessageId(answered.messageId) ? answered.messageId : null;
  return [
    ['From', ownAddress],
    ['To', to],
    ['Reply-To', replyTo],
    ['Subject', headerText(`Re: ${answered.subject.slice(0, 1000).replace(/^(?:\s*re\s*:)+\s*/i, '')}`)],
    ['Date', mailDate(now)],
    ['Message-ID', messageId],
    ...(thread === null ? [] : [['In-Reply-To', thread] as const, ['References', thread] as const]),
    ['Auto-Submitted', 'auto-replied'],
    ['X-Auto-Response-Suppress', 'All'],
    ['X-Loop', headerText(ownAddress)],
  ];
};

const textOf = ({ text, refusal, answered, openings }: AnswerFacts): string[] => {
  const given = text.trim();
  const refused = refusal !== null || given.startsWith(notProcessed.slice(0, -1));
  const headed = !refused || given.startsWith(notProcessed.slice(0, -1)) ? [] : [notProcessed];
  const said = [given, refusal ?? '']
    .filter((part) => part.trim() !== '')
    .flatMap((part) => indented(part, '', longestText));
  return [...headed, ...said, ...(refused ? openingLines(openings) : []), ...quoted(answered)];
};

const openingLines = ({ possible, instead }: AnswerFacts['openings']): string[] => [
  ...(instead === null ? [] : ['', `The mail to answer is that of ${instead.date}:`, `  ${instead.subject}`]),
  ...(possible.length === 0
    ? []
    : ['', 'What is possible (the first line that you write is the answer):', ...answerLines(possible)]),
];

const quoted = ({ text }: Answered): string[] => {
  if (text.length === 0) return [];
  const lines = text.slice(0, longestQuote).flatMap((line) => indented(line, '> ', 1));
  return ['', 'Your mail was:', '', ...lines, ...(text.length > longestQuote ? ['> ...'] : [])];
};
