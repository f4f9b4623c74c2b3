// What the reader of an answer can still do: which answers would be heard, and which mail is the one to answer. Pure
// but for home.db, which it only reads. Must never offer what is refused for its token or its sender's roles.
import type { AdminConf, Role } from '../../config/buildd-conf.ts';
import { buildByNumber } from '../../home/builds.ts';
import { letterByMessageId, lettersTo, type Letter } from '../../home/letters.ts';
import type { Answered } from '../../home/mail-request.ts';
import { rfc3339 } from '../../platform/clock.ts';
import { answersOnceSigned, logAnswers, possibleAnswers, type Answer } from './answers.ts';
import { tokenMessageId } from './identity.ts';
import { logSubject } from './log-mail.ts';
import type { RenderContext } from './render-context.ts';
import { shouldBuildSubject } from './should-build.ts';

export interface Openings {
  /** The token of the letter that can still be answered; null where there is none. */
  readonly token: string | null;
  readonly possible: readonly Answer[];
  /** Subject and date of the mail to answer, where it is another than the one that was answered. */
  readonly instead: { readonly subject: string; readonly date: string } | null;
}

type About = Pick<Letter, 'kind' | 'package' | 'version' | 'distribution'> & { readonly architecture: string | null };

const tokenDays = 14;
const lettersSeen = 50;

/** What is open to the reader of an answer to a mail of theirs. */
export function openingsOf(to: string, answered: Answered, context: RenderContext): Openings {
  const about = aboutOf(answered.subject.slice(0, 1000));
  if (about === null) return { token: null, possible: [], instead: null };
  const { conf, db } = context;
  const recipient = to.toLowerCase();
  const admins = conf.auth.admins.filter((admin) => admin.addresses.includes(recipient));
  const own = ownLetter(recipient, answered, context);
  const [newest] = lettersTo(db, { ...about, recipient }, Number.MAX_SAFE_INTEGER, lettersSeen).filter(
    ({ architecture }) => about.architecture === null || architecture === about.architecture,
  );
  const open = newest !== undefined && isOpen(newest, context) ? newest : null;
  const answerable = open !== null && fits(open, about) ? open : null;
  return {
    token: answerable === null ? null : (/^<b\.([a-z2-7]+)@/.exec(answerable.messageId)?.[1] ?? null),
    possible: possible(answered.subject, answerable ?? own ?? newest ?? null, about, context).filter(({ role }) =>
      may(admins, role, about.distribution),
    ),
    instead: open === null || open.messageId === own?.messageId ? null : nameOf(open, context),
  };
}

const aboutOf = (subject: string): About | null => {
  const log =
    / build of ([a-z0-9][a-z0-9+.-]{1,199})_(\S{1,200})(?: on ([a-z0-9-]{1,100}))? \(dist=([^\s()]{1,100})\)/.exec(
      subject,
    );
  if (log !== null) {
    const [, name = '', version = '', architecture = null, distribution = ''] = log;
    return { kind: 'log', package: name, version, architecture, distribution };
  }
  const asked = /Should I build ([a-z0-9][a-z0-9+.-]{1,199})_(\S{1,200}) \(dist=([^\s()]{1,100})\)/.exec(subject);
  if (asked === null) return null;
  const [, name = '', version = '', distribution = ''] = asked;
  return { kind: 'should-build', package: name, version, architecture: null, distribution };
};

const ownLetter = (recipient: string, { token }: Answered, { conf, db }: RenderContext): Letter | null => {
  const letter = token ? letterByMessageId(db, tokenMessageId(conf.mail.address, token)) : null;
  return letter?.recipient === recipient ? letter : null;
};

const isYoung = ({ created }: Letter, now: Date): boolean =>
  now.getTime() - created.getTime() <= tokenDays * 86_400_000;

// An answer that is refused now did not use the letter up.
const isOpen = (letter: Letter, { refusal, intent, now }: RenderContext): boolean =>
  letter.authorises &&
  isYoung(letter, now) &&
  (letter.answered === null || (refusal !== null && letter.answered.intent === intent.number));

const fits = (letter: Letter, about: About): boolean => letter.kind === about.kind && letter.version === about.version;

const possible = (subject: string, letter: Letter | null, about: About, context: RenderContext): readonly Answer[] => {
  // Answered by signature alone, as far as we know.
  if (letter === null || (isOpen(letter, context) && fits(letter, about))) return possibleAnswers(subject);
  if (letter.answered?.keyword === 'changes' && isYoung(letter, context.now) && fits(letter, about))
    return answersOnceSigned();
  return logAnswers.filter(({ form }) => form === 'help');
};

const may = (admins: readonly AdminConf[], role: Role, distribution: string): boolean =>
  admins.some(
    ({ roles, distributions }) =>
      (role === 'help' || role === 'status' || roles.includes('all') || roles.includes(role)) &&
      (distributions === null || distributions.includes(distribution)),
  );

const nameOf = (letter: Letter, { db }: RenderContext): Openings['instead'] => {
  const date = rfc3339(letter.created);
  if (letter.kind === 'should-build') return { subject: shouldBuildSubject(letter), date };
  const build = buildByNumber(db, letter.build);
  return build?.end ? { subject: logSubject({ ...build, end: build.end }), date } : null;
};
