// An answer that may be obeyed, as a plan: its effects, who is told, which tokens are dead afterwards.
import type { BuilddConf } from '../../../config/buildd-conf.ts';
import { lettersOfBuild, type Letter } from '../../../home/letters.ts';
import type { MailRequest } from '../../../home/mail-request.ts';
import { accepted, answeredOf, answerTo, type Plan } from './plan.ts';
import type { Standing, StandingPorts } from './standing.ts';
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
    effects: verdict.effects,
    mails: ports.conf().mail.acknowledge ? acknowledgements(understood, standing, build, ports) : [],
    // `manual` changes nothing, so the admin may still send the answer that does.
    answers:
      build === null || understood.action === 'manual'
        ? null
        : {
            builds: [...new Set([build, ...alsoAnswered.flatMap((other) => other.build?.number ?? [])])],
            kind,
            keyword: understood.action,
            proof: understood.token === null ? 'other' : 'token',
          },
  });
};

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
