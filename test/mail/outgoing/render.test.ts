import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MailRequest } from '../../../src/home/mail-request.ts';
import { markAnswered } from '../../../src/home/letters.ts';
import type { OutboxMail } from '../../../src/home/outbox.ts';
import { tokenMatches } from '../../../src/mail/token.ts';
import { fieldOf, now, outgoingWorld, textOf, type OutgoingWorld } from '../../support/outgoing-world.ts';

let world: OutgoingWorld;
beforeEach(() => {
  world = outgoingWorld();
});
afterEach(() => world.remove());

const one = async (request: MailRequest, refusal: string | null = null): Promise<OutboxMail> => {
  const { mails } = await world.render(request, refusal);
  expect(mails).toHaveLength(1);
  const [mail] = mails;
  if (mail === undefined) throw new Error('no mail');
  return mail;
};

const answer = (more: Partial<Extract<MailRequest, { kind: 'answer' }>> = {}): MailRequest => ({
  kind: 'answer',
  to: 'admin@example.org',
  text: 'Your mail could not be processed:',
  answered: {
    messageId: '<question@example.org>',
    subject: 'RE: re: Log for attempted build of greet_1.0 on amd64 (dist=sid)',
    text: ['dep-wait lib:foo', 'Grüße'],
  },
  ...more,
});

describe('an answer', () => {
  it('says why a mail could not be processed, what is possible, and quotes the mail', async () => {
    const mail = await one(answer(), 'greet_1.0 is Installed.');
    const lines = textOf(mail.raw).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'Your mail could not be processed:',
      'greet_1.0 is Installed.',
      '',
      'What is possible (the first line that you write is the answer):',
    ]);
    expect(lines).toContain("  fail REASON       the package's fault: state Failed, with this reason");
    expect(lines.slice(-5)).toEqual(['Your mail was:', '', '> dep-wait lib:foo', '> Grüße', '']);
  });

  it('has the reason only once where the one who refuses gave it already', async () => {
    const text = textOf((await one(answer({ text: 'Your mail could not be processed:\n\nno such keyword' }))).raw);
    expect(text.match(/could not be processed/g)).toHaveLength(1);
    expect(text).toContain('What is possible');
  });

  it('confirms without a table where nothing was refused', async () => {
    const text = textOf((await one(answer({ text: 'greet_1.0 is Failed now.' }))).raw);
    expect(text.startsWith('greet_1.0 is Failed now.\n\nYour mail was:\n')).toBe(true);
  });

  it('is marked so that no program answers it, and leaves without an envelope sender', async () => {
    const mail = await one(answer());
    expect(mail.from).toBe('');
    expect(mail.to).toEqual(['admin@example.org']);
    expect(fieldOf(mail.raw, 'Auto-Submitted')).toBe('auto-replied');
    expect(fieldOf(mail.raw, 'X-Loop')).toBe('buildd@example.org');
    expect(fieldOf(mail.raw, 'In-Reply-To')).toBe('<question@example.org>');
    expect(fieldOf(mail.raw, 'Subject')).toBe('Re: Log for attempted build of greet_1.0 on amd64 (dist=sid)');
  });

  it('lets who got the log mail answer once more with their token, and nobody else', async () => {
    const build = world.endedBuild({ result: 'attempted' });
    const { letters } = await world.renderAndRemember({ kind: 'log', build });
    const replyTo = fieldOf((await one(answer())).raw, 'Reply-To') ?? '';
    const token = /^buildd\+(\S+)@example\.org$/.exec(replyTo)?.[1] ?? '';
    expect(letters[0] && tokenMatches(world.secret, token, letters[0])).toBe(true);
    expect(fieldOf((await one(answer({ to: 'mallory@example.org' }))).raw, 'Reply-To')).toBe('buildd@example.org');
    const given = { keyword: 'fail', at: now, by: 'admin@example.org', intent: 1 };
    markAnswered(world.db, build, 'log', given);
    expect(fieldOf((await one(answer())).raw, 'Reply-To')).toBe('buildd@example.org');
    // What this very intent is refused for did not use the letter up.
    expect(fieldOf((await one(answer(), 'greet_1.0: not now')).raw, 'Reply-To')).toBe(replyTo);
  });

  it('takes over no line break, no false Message-ID and no control character from the mail that it answers', async () => {
    const mail = await one(
      answer({
        answered: {
          messageId: '<a@b>\r\nBcc: x@example.org',
          subject: 'x\r\nBcc: victim@example.org\r\n\r\nbody',
          text: ['\u001b[31mred', 'a\r\nb'],
        },
      }),
    );
    expect(fieldOf(mail.raw, 'Bcc')).toBeNull();
    expect(fieldOf(mail.raw, 'In-Reply-To')).toBeNull();
    expect(fieldOf(mail.raw, 'Subject')).toBe('Re: x Bcc: victim@example.org body');
    expect(textOf(mail.raw)).toMatch(/^[^\u0000-\u0008\u000b-\u001f]*$/);
  });

  it('is not written to what is no address', async () => {
    for (const to of ['-oQ/tmp x', 'a@example.org, b@example.org', ''])
      expect((await world.render(answer({ to }))).mails).toEqual([]);
  });
});

describe('a notice', () => {
  it('that the store refused something ends with its reason', async () => {
    const mail = await one(
      { kind: 'notice', subject: 'Result of greet_1.0 was not recorded (dist=sid)', text: 'It ended (attempted).\n' },
      'greet: not taken by you, but by other. Skipping.',
    );
    expect(textOf(mail.raw)).toBe(
      'It ended (attempted).\n\nReason: greet: not taken by you, but by other. Skipping.\n',
    );
  });

  it('goes to the admin, with the output of programs made harmless', async () => {
    const mail = await one({
      kind: 'notice',
      subject: 'dupload errors\nBcc: x',
      text: 'line 1\n\u001b]0;x\u0007  line 2\n\n',
    });
    expect([mail.to, mail.from]).toEqual([['admin@example.org'], 'buildd@example.org']);
    expect(fieldOf(mail.raw, 'Subject')).toBe('dupload errors Bcc: x');
    expect(textOf(mail.raw).split('\n').slice(0, 2)).toEqual(['line 1', '  line 2']);
    expect(fieldOf(mail.raw, 'Auto-Submitted')).toBe('auto-generated');
  });
});

describe('"Should I build"', () => {
  it('has the old reasons, the answers, and a token of its own kind', async () => {
    const build = world.endedBuild();
    const { mails, letters } = await world.render({
      kind: 'should-build',
      build,
      reason: 'does not compile\n\nsee #123456',
    });
    const raw = mails[0]?.raw ?? new Uint8Array();
    expect(fieldOf(raw, 'Subject')).toBe('Should I build greet_1.0 (dist=sid)?');
    expect(textOf(raw)).toContain('\n  does not compile\n\n  see #123456\n');
    for (const form of ['build', 'fail', 'give-back', 'no-build'])
      expect(textOf(raw)).toMatch(new RegExp(`^${form}: +<mailto:`, 'm'));
    const token = /\+([a-z2-7]{39})@/.exec(fieldOf(raw, 'Reply-To') ?? '')?.[1] ?? '';
    const [letter] = letters;
    expect(letter && tokenMatches(world.secret, token, letter)).toBe(true);
    expect(letter && tokenMatches(world.secret, token, { ...letter, kind: 'log' })).toBe(false);
  });

  it('says so where the store knows no reason', async () => {
    const { mails } = await world.render({ kind: 'should-build', build: world.endedBuild(), reason: null });
    expect(textOf(mails[0]?.raw ?? new Uint8Array())).toContain('(not known)');
  });
});

describe('a forwarded mail', () => {
  const forward = (raw: string | Buffer): Promise<OutboxMail> =>
    one({ kind: 'forward', raw: Buffer.from(raw).toString('base64') });

  it('is the mail unchanged, with Resent- fields in front, and cannot bounce', async () => {
    const received =
      'Subject: Gr=?\r\nFrom: someone@example.org\r\nDKIM-Signature: v=1\r\n\r\nbody  \r\n.\r\nFrom x\r\n\xff\r\n';
    const mail = await forward(Buffer.from(received, 'latin1'));
    const raw = Buffer.from(mail.raw).toString('latin1');
    expect(raw.endsWith(received)).toBe(true);
    expect(raw.slice(0, -received.length)).toBe(
      `Resent-From: buildd@example.org\r\nResent-To: admin@example.org\r\nResent-Date: Fri, 20 Nov 2026 09:15:02 +0000\r\nResent-Message-ID: ${mail.messageId}\r\nX-Loop: buildd@example.org\r\n`,
    );
    expect([mail.from, mail.to]).toEqual(['', ['admin@example.org']]);
  });

  it('loses the envelope line of a mailbox and gets the line ends of mail', async () => {
    const raw = Buffer.from(
      (await forward('From someone Fri Nov 20 09:00:00 2026\nSubject: x\n\none\r\ntwo\n')).raw,
    ).toString();
    expect(raw.endsWith('buildd@example.org\r\nSubject: x\r\n\r\none\r\ntwo\r\n')).toBe(true);
  });

  it('becomes the text of one where it is no mail: nothing of it gets into our header', async () => {
    for (const rubbish of [
      'just text\nX-Evil: yes\n',
      '',
      '\0\0\0',
      ' Bcc: victim@example.org\n\n',
      '\nX-Evil: yes\n',
    ]) {
      const mail = await forward(rubbish);
      const parsed = await simpleParser(Buffer.from(mail.raw));
      expect(parsed.subject).toBe('A mail without a header, as it was received');
      expect([...parsed.headers.keys()].filter((name) => ['x-evil', 'bcc'].includes(name))).toEqual([]);
    }
  });
});

describe('rendering again after a crash', () => {
  it('gives every mail the same Message-ID, and another intent another', async () => {
    const requests: MailRequest[] = [
      answer(),
      answer({ text: 'another' }),
      { kind: 'notice', subject: 'a', text: 'b' },
      { kind: 'forward', raw: Buffer.from('Subject: x\n\ny\n').toString('base64') },
    ];
    const ids = async (intent: string): Promise<string[]> => {
      const rendered = [];
      for (const request of requests)
        rendered.push(...(await world.render(JSON.parse(JSON.stringify(request)) as MailRequest, null, intent)).mails);
      return rendered.map((mail) => mail.messageId);
    };
    const first = await ids('home-1');
    expect(await ids('home-1')).toEqual(first);
    expect(new Set([...first, ...(await ids('home-2'))]).size).toBe(8);
    for (const id of first) expect(id).toMatch(/^<[a-z]\.home-1\.[0-9a-f]{16}@example\.org>$/);
  });
});
