// Asks the admin whether to build a package whose version before failed. Pure.
import type { Build } from '../../home/builds.ts';
import type { Letter } from '../../home/letters.ts';
import { answerLines, shouldBuildAnswers } from './answers.ts';
import { formatMailbox, headerText, mailDate, type HeaderField, type Mailbox } from './header.ts';
import { shownVersion } from './head.ts';
import { tokenAddress } from './identity.ts';
import { indented } from './lines.ts';
import type { MailDraft } from './draft.ts';
import { mailtoLink } from './mailto.ts';
import type { Recipient } from './recipients.ts';

interface ShouldBuildFacts {
  readonly build: Build;
  /** Why the version before failed; null where the store does not say. */
  readonly reason: string | null;
  readonly from: Mailbox;
  readonly ownAddress: string;
  readonly recipient: Recipient;
  readonly token: string;
  readonly messageId: string;
  readonly references: readonly string[];
  readonly now: Date;
}

const longestReason = 200;

/** The subject of the question; what the answer's subject is compared with. */
export function shouldBuildSubject(about: Pick<Letter, 'package' | 'version' | 'distribution'>): string {
  return `Should I build ${about.package}_${about.version} (dist=${about.distribution})?`;
}

/** The mail "Should I build" of one recipient. */
export function shouldBuildMail(facts: ShouldBuildFacts): MailDraft {
  const { build } = facts;
  const nameVersion = `${build.package}_${shownVersion(build)}`;
  const subject = shouldBuildSubject({ ...build, version: shownVersion(build) });
  const to = tokenAddress(facts.ownAddress, facts.token);
  const links = shouldBuildAnswers.map(
    ({ form }) => `${`${form}:`.padEnd(10)} <${mailtoLink(to, `Re: ${subject}`, `${form}\n`)}>`,
  );
  const text = [
    `${nameVersion} on ${build.architecture} (dist=${build.distribution}) is taken, but not built:`,
    'the version before it failed. Its reason was:',
    '',
    ...(facts.reason === null ? ['  (not known)'] : indented(facts.reason, '  ', longestReason)),
    '',
    'Answers: reply to this mail; the first line that you write is the answer.',
    ...answerLines(shouldBuildAnswers),
    '',
    ...links,
    '',
  ];
  return { fields: fieldsOf(facts, subject, to), text: text.join('\n'), attachments: [] };
}

const fieldsOf = (facts: ShouldBuildFacts, subject: string, replyTo: string): HeaderField[] => {
  const last = facts.references.at(-1);
  return [
    ['From', formatMailbox(facts.from)],
    ['To', facts.recipient.address],
    ['Reply-To', replyTo],
    ['Subject', headerText(subject)],
    ['Date', mailDate(facts.now)],
    ['Message-ID', facts.messageId],
    ...(last === undefined
      ? []
      : [['In-Reply-To', last] as const, ['References', facts.references.join(' ')] as const]),
    ['Auto-Submitted', 'auto-generated'],
    ['X-Loop', headerText(facts.ownAddress)],
    ['X-Buildd-Package', headerText(facts.build.package)],
    ['X-Buildd-Version', headerText(shownVersion(facts.build))],
    ['X-Buildd-Arch', headerText(facts.build.architecture)],
    ['X-Buildd-Dist', headerText(facts.build.distribution)],
  ];
};
