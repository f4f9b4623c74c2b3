// An answer that may be obeyed, as a plan: its effects, who is told, which tokens are dead afterwards.
import type { BuilddConf } from '../../../config/buildd-conf.ts';
import type { Effect } from '../../../home/effect.ts';
import { lettersOfBuild, type Letter } from '../../../home/letters.ts';
import type { MailRequest } from '../../../home/mail-request.ts';
import { accepted, answeredOf, answerTo, type Plan } from './plan.ts';
import type { Standing, StandingPorts } from './standing.ts';
import { refusalOf } from './state-check.ts';
import type { Understood } from '../understood.ts';
import type { Verdict } from './verdict.ts';

export interface AnswerPorts extends StandingPorts {
  conf(): BuilddConf;
}

/** The plan for an answer that may be obeyed: its effects, who is told, which tokens are dead then. */
export const planEffects = (
  understood: Understood,
  standing: Standing,
  verdict: Verdict & { kind: 'effects' },
  ports: AnswerPorts,
  alsoAnswered: readonly Standing[] = [],
): Plan => {
  const { package: name, version, distribution, architecture } = standing;
  const key = { package: name, distribution, architecture };
  const what = `answer ${understood.action} to ${name}_${version} (dist=${distribution}) on ${architecture} by ${understood.auth.key ?? understood.sender ?? 'an admin'}`;
  const build = understood.token?.build ?? standing.build?.number ?? null;
  const kind: Letter['kind'] = understood.kind === 'should-build-reply' ? 'should-build' : 'log';
  return accepted(understood, what, {
    // The source's version, as builds have it.
    subject: { ...key, version: standing.build?.version ?? version, claim: standing.record?.claim ?? null },
    effects: [...verdict.effects, ...reopening(understood, standing, build)],
    mails: ports.conf().mail.acknowledge ? acknowledgements(understood, standing, build, ports) : [],
    // The admin may still send the answer that decides: `manual` changes nothing, after `upload-rem` all is open again.
    answers:
      build === null || understood.action === 'manual' || understood.action === 'upload-rem'
        ? null
        : {
            builds: [...new Set([build, ...alsoAnswered.flatMap((other) => other.build?.number ?? [])])],
            kind,
            keyword: understood.action,
            proof: understood.token === null ? 'other' : 'token',
          },
  });
};

// What was called back can be answered anew, while the store waits for an answer to that very take.
const reopening = ({ action, token }: Understood, standing: Standing, build: number | null): Effect[] =>
  action === 'upload-rem' && build !== null && refusalOf(standing, token?.claim ?? null) === null
    ? [{ kind: 'reopen-letters', build }]
    : [];

const acknowledgements = (
  understood: Understood,
  standing: Standing,
  build: number | null,
  ports: AnswerPorts,
): MailRequest[] => {
  const { package: name, version, distribution, architecture } = standing;
  const done = `"${understood.action}" for ${name}_${version} (dist=${distribution}) on ${architecture} is done.`;
  // Also where its mail may not be answered: then no other mail is sent there in its stead.
  const own = (understood.mail.answerTo ?? understood.sender)?.toLowerCase() ?? null;
  const others =
    build === null
      ? []
      : lettersOfBuild(ports.db, build).filter((letter) => letter.authorises && letter.recipient !== own);
  const sender = understood.mail.answerTo ?? understood.sender ?? 'another admin';
  return [
    ...answerTo(understood.mail, done),
    ...others.map(({ recipient, messageId }): MailRequest => ({
      kind: 'answer',
      to: recipient,
      text: `${done} The answer came from ${sender}.`,
      answered: { ...answeredOf(understood.mail), messageId, text: [] },
    })),
  ];
};
