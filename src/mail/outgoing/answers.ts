// The answers that an admin can send, as data: which make sense for which mail, and what each does, in one line. The
// help mail, the log mail and every refusal show them from here, so that they never differ.

import type { Role } from '../../config/buildd-conf.ts';

export type LogStatus = 'successful' | 'attempted' | 'given-back' | 'failed';

export interface Answer {
  /** The role that it needs. */
  readonly role: Role;
  /** As it is written, with its argument in capitals. */
  readonly form: string;
  /** What it does, at most 57 characters. */
  readonly effect: string;
  /** The log mails under which it is listed; none: only the help lists it. */
  readonly statuses: readonly LogStatus[];
}

const built = ['successful', 'attempted'] as const;
const every = ['successful', 'attempted', 'given-back', 'failed'] as const;

/** All answers to a log mail, those that are wanted most often first. */
export const logAnswers: readonly Answer[] = [
  {
    role: 'changes',
    form: 'signed .changes',
    effect: 'uploads it: sign the .changes below, send it as the answer',
    statuses: ['successful'],
  },
  { role: 'fail', form: 'fail REASON', effect: "the package's fault: state Failed, with this reason", statuses: every },
  {
    role: 'dep-wait',
    form: 'dep-wait LIST',
    effect: 'wait until libfoo-dev (>= 1.2), libbar-dev are there',
    statuses: ['attempted', 'given-back', 'failed'],
  },
  { role: 'retry', form: 'retry', effect: 'build it here once more', statuses: every },
  { role: 'give-back', form: 'giveback [PRIO]', effect: 'give it back: any build daemon may take it', statuses: built },
  { role: 'newvers', form: 'newvers VERSION', effect: 'take and build that version instead', statuses: ['attempted'] },
  {
    role: 'not-for-us',
    form: 'not-for-us',
    effect: 'never build it on this architecture',
    statuses: ['attempted', 'given-back', 'failed'],
  },
  { role: 'purge', form: 'purge', effect: 'delete its results and its build directory here', statuses: ['successful'] },
  { role: 'upload-rem', form: 'upload-rem', effect: 'take it out of the upload queue again', statuses: [] },
  { role: 'manual', form: 'manual', effect: 'nothing; you see to it by hand', statuses: built },
  { role: 'status', form: 'status', effect: 'get told by mail where the package stands', statuses: [] },
  { role: 'help', form: 'help', effect: 'get the table of all answers by mail', statuses: every },
];

/** All answers to "Should I build". */
export const shouldBuildAnswers: readonly Answer[] = [
  { role: 'build', form: 'build', effect: 'build it here now (also: ok)', statuses: [] },
  { role: 'fail', form: 'fail', effect: 'state Failed, with the old reason', statuses: [] },
  { role: 'give-back', form: 'give-back', effect: 'give it back: any build daemon may take it', statuses: [] },
  {
    role: 'no-build',
    form: 'no-build',
    effect: 'never build it on this architecture (also: not-for-us)',
    statuses: [],
  },
];

/** The answers that make sense under a log mail of this status. */
export function answersFor(status: LogStatus): Answer[] {
  return logAnswers.filter((answer) => answer.statuses.includes(status));
}

/** The answers to a success that was signed here and is on its way. */
export function answersOnceSigned(): Answer[] {
  return logAnswers.filter(({ form }) => form === 'upload-rem' || form === 'manual' || form === 'help');
}

/** A line for each answer: what to write, what it does; at most 78 columns. */
export function answerLines(answers: readonly Answer[]): string[] {
  return answers.map((answer) => `  ${answer.form.padEnd(17)} ${answer.effect}`);
}

/** The text of the answer to `help`. */
export function helpText(): string {
  return [
    'Answers to "Log for STATUS build of NAME_VERSION on ARCH (dist=DIST)".',
    'Reply to that mail; the first line that you write is the answer:',
    '',
    ...answerLines(logAnswers),
    '',
    'Answers to "Should I build NAME_VERSION (dist=DIST)?":',
    '',
    ...answerLines(shouldBuildAnswers),
    '',
    'The reason of fail may go on over the lines after it; the list of dep-wait may',
    'start on the line after it. An answer must be signed with your key, or be a',
    'reply to your own copy of the mail (its address holds the proof).',
  ].join('\n');
}

const statuses: readonly string[] = every;
const isLogStatus = (text: string): text is LogStatus => statuses.includes(text);

/** The answers that can be given to a mail of ours with this subject (of the reply); none for any other subject. */
export function possibleAnswers(subject: string): Answer[] {
  const short = subject.slice(0, 1000);
  const log = /\bLog for ([a-z-]{1,20}) build of /i.exec(short);
  if (log) {
    const status = (log[1] ?? '').toLowerCase();
    return isLogStatus(status) ? answersFor(status) : [...logAnswers];
  }
  return /\bShould I build /i.test(short) ? [...shouldBuildAnswers] : [];
}
