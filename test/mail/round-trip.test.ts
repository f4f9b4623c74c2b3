// What goes out must be understood when it comes back: every answer that our mails offer, sent the way they offer it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeContext } from '../../src/mail/incoming/home-context.ts';
import { understand } from '../../src/mail/incoming/understand.ts';
import type { Understood } from '../../src/mail/incoming/understood.ts';
import { answersFor, logAnswers, shouldBuildAnswers } from '../../src/mail/outgoing/answers.ts';
import { fieldOf, now, outgoingWorld, textOf, type OutgoingWorld } from '../support/outgoing-world.ts';

let world: OutgoingWorld;
beforeAll(() => {
  world = outgoingWorld({ distribution: 'logs_mail_also = ["list@example.org"]' });
});
afterAll(() => world.remove());

const understood = async (
  to: string,
  subject: string,
  body: string,
  from = 'admin@example.org',
): Promise<Understood | undefined> => {
  const context = homeContext({
    ...world,
    clock: { now: () => now, sleep: () => Promise.resolve() },
    conf: () => world.conf,
  });
  const raw = `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <reply@example.org>\r\nDate: Fri, 20 Nov 2026 09:20:00 +0000\r\n\r\n${body}`;
  return (await understand(Buffer.from(raw), context()))[0];
};

const argumentOf: Readonly<Record<string, string>> = {
  REASON: 'does not compile',
  LIST: 'libfoo-dev (>= 1.2), libbar-dev',
  '[PRIO]': '10',
  VERSION: '1.1',
};
const filledIn = (form: string): string =>
  form.replace(/REASON|LIST|\[PRIO\]|VERSION/, (name) => argumentOf[name] ?? name);

describe('an answer to a log mail', () => {
  it('is understood and authenticated by its token in every form that the mail lists', async () => {
    const build = world.endedBuild({ result: 'attempted' });
    const { mails } = await world.renderAndRemember({ kind: 'log', build });
    const raw = mails[0]?.raw ?? new Uint8Array();
    for (const { form } of logAnswers.filter((answer) => answer.form !== 'signed .changes')) {
      const answer = await understood(
        fieldOf(raw, 'Reply-To') ?? '',
        `Re: ${fieldOf(raw, 'Subject') ?? ''}`,
        `${filledIn(form)}\r\n`,
      );
      expect([form, answer?.kind, answer?.decision, answer?.auth.method]).toEqual([
        form,
        'log-reply',
        'apply',
        'token',
      ]);
      expect(answer?.token?.build).toBe(build);
    }
  });

  it('proves nothing when it comes from the copy of somebody who is no admin', async () => {
    const { mails } = await world.renderAndRemember({ kind: 'log', build: world.endedBuild({ result: 'attempted' }) });
    const raw = mails[1]?.raw ?? new Uint8Array();
    for (const from of ['list@example.org', 'admin@example.org']) {
      const answer = await understood(
        fieldOf(raw, 'Reply-To') ?? '',
        `Re: ${fieldOf(raw, 'Subject') ?? ''}`,
        'retry\r\n',
        from,
      );
      expect([answer?.decision, answer?.code]).toEqual(['refuse', 'unauthenticated']);
    }
  });

  it('is understood as its link in the mail has it, and as the suggestion is copied out of the head', async () => {
    const log = world.log(
      'dpkg-checkbuilddeps: error: Unmet build dependencies: libneverthere-dev (>= 2.1) libother-dev libthird-dev (>= 1:3.0-1) libfourth-dev\n\n| Summary                    |\n+----+\n\nFail-Stage: install-deps\nStatus: attempted\n',
    );
    const { mails } = await world.renderAndRemember({
      kind: 'log',
      build: world.endedBuild({ result: 'attempted', failStage: 'install-deps', logFile: log }),
    });
    const raw = mails[0]?.raw ?? new Uint8Array();
    const links = [...textOf(raw).matchAll(/^([a-z-]+): +<(mailto:\S+)>$/gm)];
    expect(links.map((link) => link[1])).toEqual(['dep-wait', 'fail', 'retry', 'giveback']);
    for (const [, name, link] of links) {
      const url = new URL(link ?? '');
      const answer = await understood(
        decodeURIComponent(url.pathname),
        url.searchParams.get('subject') ?? '',
        url.searchParams.get('body') ?? '',
      );
      expect([name, answer?.decision]).toEqual([name, 'apply']);
    }
    const text = textOf(raw);
    const copied = text.slice(
      text.indexOf('Suggested answer:\n') + 'Suggested answer:\n'.length,
      text.indexOf('\nAnswers:'),
    );
    const answer = await understood(
      fieldOf(raw, 'Reply-To') ?? '',
      `Re: ${fieldOf(raw, 'Subject') ?? ''}`,
      copied.replaceAll('\n', '\r\n'),
    );
    expect(answer?.action).toBe('dep-wait');
    expect(answer?.argument).toBe('libneverthere-dev (>= 2.1), libother-dev, libthird-dev (>= 1:3.0-1), libfourth-dev');
  });

  it('has a subject that names the build in every status', async () => {
    for (const result of ['successful', 'attempted', 'given-back', 'failed'] as const) {
      const build = world.endedBuild({ result }, { version: '1:2.0-3', binNmu: { number: 1, changelog: 'x' } });
      const { mails } = await world.renderAndRemember({ kind: 'log', build });
      const raw = mails[0]?.raw ?? new Uint8Array();
      const answer = await understood(
        fieldOf(raw, 'Reply-To') ?? '',
        `Re: ${fieldOf(raw, 'Subject') ?? ''}`,
        `${filledIn(answersFor(result).at(-1)?.form ?? '')}\r\n`,
      );
      expect([answer?.package, answer?.version, answer?.architecture, answer?.dist, answer?.decision]).toEqual([
        'greet',
        '1:2.0-3+b1',
        'amd64',
        'sid',
        'apply',
      ]);
    }
  });
});

describe('an answer to "Should I build"', () => {
  it('is understood and authenticated by its token in every form that the mail lists', async () => {
    const { mails } = await world.renderAndRemember({ kind: 'should-build', build: world.endedBuild(), reason: null });
    const raw = mails[0]?.raw ?? new Uint8Array();
    for (const { form } of shouldBuildAnswers) {
      const answer = await understood(
        fieldOf(raw, 'Reply-To') ?? '',
        `Re: ${fieldOf(raw, 'Subject') ?? ''}`,
        `${form}\r\n`,
      );
      expect([form, answer?.kind, answer?.decision, answer?.auth.method]).toEqual([
        form,
        'should-build-reply',
        'apply',
        'token',
      ]);
    }
  });
});

describe('our own mails', () => {
  it('are not obeyed when they come back', async () => {
    const build = world.endedBuild({ result: 'attempted' });
    const { mails } = await world.renderAndRemember({ kind: 'log', build });
    const context = homeContext({
      ...world,
      clock: { now: () => now, sleep: () => Promise.resolve() },
      conf: () => world.conf,
    });
    const answer = await world.render({
      kind: 'answer',
      to: 'admin@example.org',
      text: 'retry',
      answered: { messageId: null, subject: 'Log for attempted build of greet_1.0 on amd64 (dist=sid)', text: [] },
    });
    for (const mail of [...mails, ...answer.mails]) {
      const decisions = (await understand(mail.raw, context())).map((one) => one.decision);
      expect(decisions).not.toContain('apply');
    }
  });
});
