// Makes the mails that an intent asks for. Rendered again after a crash, a mail has the same Message-ID, so it enters
// the outbox once. Reads what it needs and changes nothing: the caller writes mails and letters down.
import { buildByNumber } from '../../home/builds.ts';
import type { MailRequest } from '../../home/mail-request.ts';
import type { OutboxMail } from '../../home/outbox.ts';
import { assertNever } from '../../platform/errors.ts';
import { answerMail } from './answer.ts';
import { forwardedMail } from './forward.ts';
import { isAddress } from './header.ts';
import { derivedMessageId, tokenAddress } from './identity.ts';
import { mailOf, textEntity } from './mime.ts';
import { noticeMail, type NoticeFacts } from './notice.ts';
import { openingsOf } from './openings.ts';
import { renderLog, renderShouldBuild } from './render-build.ts';
import type { RenderContext, RenderedMails } from './render-context.ts';

type RequestOf<Kind extends MailRequest['kind']> = Extract<MailRequest, { kind: Kind }>;

/** The mails of one request, a copy for each recipient, and the letters to remember with them. */
export async function renderMail(request: MailRequest, context: RenderContext): Promise<RenderedMails> {
  switch (request.kind) {
    case 'log':
    case 'should-build': {
      const build = buildByNumber(context.db, request.build);
      if (build === null) return only(unknownBuild(request, context));
      return request.kind === 'log' ? renderLog(build, context) : renderShouldBuild(build, request.reason, context);
    }
    case 'notice':
      return only(noticeOf(request, { subject: request.subject, text: withRefusal(request.text, context) }, context));
    case 'answer':
      return isAddress(request.to) ? only(answerOf(request, context)) : { mails: [], letters: [] };
    case 'forward':
      return only(forwardOf(request, context));
    default:
      return assertNever(request);
  }
}

const only = (mail: OutboxMail): RenderedMails => ({ mails: [mail], letters: [] });

// A notice that an intent was refused for has the store's reason at its end.
const withRefusal = (text: string, { refusal }: RenderContext): string =>
  refusal === null ? text : `${text.trimEnd()}\n\nReason: ${refusal}`;

const noticeOf = (
  request: MailRequest,
  { subject, text }: Pick<NoticeFacts, 'subject' | 'text'>,
  context: RenderContext,
): OutboxMail => {
  const { conf, intent, now } = context;
  const ownAddress = conf.mail.address;
  const messageId = derivedMessageId(ownAddress, 'notice', intent.id, request);
  const draft = noticeMail({ to: conf.admin_mail, ownAddress, subject, text, messageId, now });
  return { messageId, from: ownAddress, to: [conf.admin_mail], raw: mailOf(draft.fields, textEntity(draft.text)) };
};

// Its row was removed meanwhile: the admin learns it, and the intent can still be closed.
const unknownBuild = (request: RequestOf<'log' | 'should-build'>, context: RenderContext): OutboxMail =>
  noticeOf(
    request,
    {
      subject: `No mail about build ${request.build}`,
      text: `home.db has no build ${request.build} any more, so its mail cannot be written.`,
    },
    context,
  );

const answerOf = (request: RequestOf<'answer'>, context: RenderContext): OutboxMail => {
  const { conf, intent, refusal, now } = context;
  const ownAddress = conf.mail.address;
  const messageId = derivedMessageId(ownAddress, 'answer', intent.id, request);
  const openings = openingsOf(request.to, request.answered, context);
  // Who got the letter that the answered mail is about can answer again: the token was theirs before.
  const replyTo = openings.token === null ? ownAddress : tokenAddress(ownAddress, openings.token);
  const draft = answerMail({ ...request, ownAddress, replyTo, openings, refusal, messageId, now });
  return { messageId, from: '', to: [request.to], raw: mailOf(draft.fields, textEntity(draft.text)) };
};

const forwardOf = (request: RequestOf<'forward'>, context: RenderContext): OutboxMail => {
  const { conf, intent, now } = context;
  const messageId = derivedMessageId(conf.mail.address, 'forward', intent.id, request);
  const raw = Buffer.from(request.raw, 'base64');
  const mail = forwardedMail({ to: conf.admin_mail, ownAddress: conf.mail.address, raw, messageId, now });
  return { messageId, from: '', to: [conf.admin_mail], raw: mail };
};
