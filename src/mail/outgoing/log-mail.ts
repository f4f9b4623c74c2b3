// Writes the log mail of a build for one recipient, out of plain data. Pure: no file, no clock, no key. The .changes
// is always the very last thing in the text: that is where a reader and the Emacs library take it from.
import { tokenAddress } from './identity.ts';
import { answerLines, answersFor, answersOnceSigned, type LogStatus } from './answers.ts';
import { formatMailbox, headerText, mailDate, type HeaderField, type Mailbox } from './header.ts';
import {
  durationOf,
  failAnswer,
  headLines,
  shownVersion,
  statusOf,
  suggestedAnswer,
  type EndedBuild,
  type HeadFacts,
} from './head.ts';
import { sectionTitle, shortLine } from './lines.ts';
import { mailtoLink } from './mailto.ts';
import type { ChangesText, LogText } from './build-evidence.ts';
import type { MailDraft } from './draft.ts';
import type { Attachment } from './mime.ts';
import type { Recipient } from './recipients.ts';

interface LogMailFacts extends HeadFacts {
  readonly log: LogText;
  readonly changes: ChangesText;
  readonly from: Mailbox;
  readonly ownAddress: string;
  readonly recipient: Recipient;
  readonly token: string;
  readonly messageId: string;
  /** Message-IDs of the mails before in this thread, oldest first. */
  readonly references: readonly string[];
  readonly now: Date;
}

/** The subject of a log mail; what the answer's subject is compared with. */
export function logSubject(build: EndedBuild): string {
  const what = `${build.package}_${shownVersion(build)} on ${build.architecture}`;
  return `Log for ${statusOf(build.end)} build of ${what} (dist=${build.distribution})`;
}

/** The log mail of one recipient. */
export function logMail(facts: LogMailFacts): MailDraft {
  const { changes, log } = facts;
  const changesFile: Attachment[] =
    changes.kind === 'unsigned'
      ? [{ name: changes.name, type: 'text/plain; charset=utf-8', content: Buffer.from(changes.text) }]
      : [];
  return {
    fields: fieldsOf(facts),
    text: textOf(facts),
    attachments: [...changesFile, ...(log.attachment === null ? [] : [log.attachment])],
  };
}

const fieldsOf = (facts: LogMailFacts): HeaderField[] => {
  const { build, references } = facts;
  const last = references.at(-1);
  return [
    ['From', formatMailbox(facts.from)],
    ['To', facts.recipient.address],
    ['Reply-To', tokenAddress(facts.ownAddress, facts.token)],
    ['Subject', headerText(logSubject(build))],
    ['Date', mailDate(facts.now)],
    ['Message-ID', facts.messageId],
    ...(last === undefined ? [] : [['In-Reply-To', last] as const, ['References', references.join(' ')] as const]),
    ['Auto-Submitted', 'auto-generated'],
    ['X-Loop', headerText(facts.ownAddress)],
    ['X-Buildd-Package', headerText(build.package)],
    ['X-Buildd-Version', headerText(shownVersion(build))],
    ['X-Buildd-Arch', headerText(build.architecture)],
    ['X-Buildd-Dist', headerText(build.distribution)],
    ['X-Buildd-Status', statusOf(build.end)],
    ...(build.end.failStage === null ? [] : [['X-Buildd-Fail-Stage', headerText(build.end.failStage)] as const]),
    ['X-Buildd-Duration', String(durationOf(build))],
  ];
};

const textOf = (facts: LogMailFacts): string => {
  const { build, changes, log } = facts;
  const status = statusOf(build.end);
  const ending =
    changes.kind === 'unsigned'
      ? ['', `${changes.name}:`, '-'.repeat(changes.name.length + 1), '', changes.text.replace(/\n+$/, '')]
      : [];
  return [
    ...headLines(facts),
    '',
    ...whatToDo(facts, status),
    '',
    ...sectionTitle(log.path === null ? 'Log: there is none' : `Log: ${log.path.slice(log.path.lastIndexOf('/') + 1)}`),
    ...log.lines,
    ...(ending.length === 0 ? [] : ['', ...sectionTitle('Changes: this is what you sign'), ...ending]),
    '',
  ].join('\n');
};

const whatToDo = (facts: LogMailFacts, status: LogStatus): string[] => {
  const { changes } = facts;
  if (changes.kind === 'signed') {
    return ['Nothing to do: it was signed here and is on its way to the archive.', ...answersAndLinks(facts, status)];
  }
  if (changes.kind === 'unusable') {
    return [shortLine(`Do not sign this build: ${changes.why}`, 200), '', ...answersAndLinks(facts, status)];
  }
  return answersAndLinks(facts, status);
};

const answersAndLinks = (facts: LogMailFacts, status: LogStatus): string[] => {
  const unsignable = facts.changes.kind === 'unusable';
  const answers =
    facts.changes.kind === 'signed'
      ? answersOnceSigned()
      : answersFor(status).filter((answer) => !unsignable || answer.form !== 'signed .changes');
  const links = linksOf(facts, status);
  return [
    facts.recipient.authorises
      ? 'Answers: reply to this mail; the first line that you write is the answer.'
      : 'Answers (this copy proves nothing: an answer to it needs the signature of an admin):',
    ...answerLines(answers),
    ...(links.length === 0 ? [] : ['', ...links]),
  ];
};

const linksOf = (facts: LogMailFacts, status: LogStatus): string[] => {
  const to = tokenAddress(facts.ownAddress, facts.token);
  const link = (name: string, body: string | null): string =>
    `${`${name}:`.padEnd(10)} <${mailtoLink(to, `Re: ${logSubject(facts.build)}`, body === null ? null : `${body}\n`)}>`;
  if (status === 'successful') return [link('reply', null)];
  const suggested = suggestedAnswer(status, facts.reasons);
  const [likely] = facts.reasons;
  const wanted = [
    ...(suggested === null ? [] : [suggested]),
    ...(status === 'attempted' && likely !== undefined ? [failAnswer(likely)] : []),
    'retry',
    ...(status === 'attempted' ? ['giveback'] : []),
  ];
  return [...new Set(wanted)].map((answer) => link(answer.split(' ')[0] ?? answer, answer));
};
