// The mails about a build, a copy for each recipient: each with its own token, thread and signature.
import { previousBuild, type Build } from '../../home/builds.ts';
import { lettersTo, type Letter } from '../../home/letters.ts';
import type { OutboxMail } from '../../home/outbox.ts';
import type { TokenSubject } from '../token.ts';
import { readChangesText, readLog, type ChangesText } from './build-evidence.ts';
import { shownVersion, type EndedBuild } from './head.ts';
import { tokenFor, tokenMessageId } from './identity.ts';
import { likelyReasons } from './likely-reasons.ts';
import type { MailDraft } from './draft.ts';
import { logMail } from './log-mail.ts';
import { attachmentEntity, mailOf, multipartEntity, textEntity, type Entity } from './mime.ts';
import { askedRecipients, logRecipients, senderFor, signerOf, type Recipient } from './recipients.ts';
import type { RenderContext, RenderedMails } from './render-context.ts';
import { shouldBuildMail } from './should-build.ts';
import { signEntity } from './sign.ts';

const longestThread = 10;

/** The log mail of a build to all its recipients. */
export async function renderLog(build: Build, context: RenderContext): Promise<RenderedMails> {
  const ended = endedBuild(build, context.now);
  const { conf, db, paths } = context;
  const { max_log_lines: maxLines, max_log_bytes: maxBytes } = conf.mail;
  const log = await readLog(ended.end.logFile, { maxLines, maxBytes });
  const isSuccess = ended.end.result === 'successful';
  const changes: ChangesText = isSuccess
    ? readChangesText(paths.build, ended.end.changesFile, signerOf(conf, build))
    : { kind: 'none' };
  const reasons = isSuccess ? [] : await likelyReasons(ended.end.logFile);
  const shared = {
    build: ended,
    previous: previousBuild(db, build),
    reasons,
    log,
    changes,
    from: senderFor(conf, build),
    ownAddress: conf.mail.address,
    now: context.now,
  };
  const mails: OutboxMail[] = [];
  const letters: Letter[] = [];
  for (const recipient of logRecipients(conf, build)) {
    const { letter, token } = letterFor('log', build, recipient, context);
    const draft = logMail({
      ...shared,
      recipient,
      token,
      messageId: letter.messageId,
      references: threadOf(letter, context),
    });
    letters.push(letter);
    mails.push(envelope(letter, context, await signedMail(draft, letter, context)));
  }
  return { mails, letters };
}

/** "Should I build" to whoever is asked. */
export function renderShouldBuild(build: Build, reason: string | null, context: RenderContext): RenderedMails {
  const { conf, now } = context;
  const copies = askedRecipients(conf, build).map((recipient) => {
    const { letter, token } = letterFor('should-build', build, recipient, context);
    const { messageId } = letter;
    const from = senderFor(conf, build);
    const draft = shouldBuildMail({
      build,
      reason,
      from,
      ownAddress: conf.mail.address,
      recipient,
      token,
      messageId,
      references: threadOf(letter, context),
      now,
    });
    return { letter, mail: envelope(letter, context, mailOf(draft.fields, textEntity(draft.text))) };
  });
  return { mails: copies.map((copy) => copy.mail), letters: copies.map((copy) => copy.letter) };
}

// A build whose end nobody wrote down still gets its mail.
const endedBuild = (build: Build, now: Date): EndedBuild => ({
  ...build,
  end: build.end ?? {
    result: 'failed',
    failStage: null,
    remark: 'nobody wrote down how it ended',
    logFile: null,
    changesFile: null,
    finished: now,
    diskUsed: null,
  },
});

const letterFor = (
  kind: Letter['kind'],
  build: Build,
  recipient: Recipient,
  context: RenderContext,
): { letter: Letter; token: string } => {
  const { conf, secret, now } = context;
  const { number, claim, package: name, distribution, architecture } = build;
  const version = shownVersion(build);
  const subject: TokenSubject = {
    kind,
    recipient: recipient.address,
    build: number,
    claim,
    package: name,
    version,
    distribution,
    architecture,
  };
  const token = tokenFor(secret, subject, recipient.authorises ? 'authorises' : 'proves nothing');
  const messageId = tokenMessageId(conf.mail.address, token);
  return { letter: { ...subject, messageId, authorises: recipient.authorises, created: now, answered: null }, token };
};

const threadOf = (letter: Letter, { db }: RenderContext): string[] =>
  lettersTo(db, letter, letter.build, longestThread)
    .map((before) => before.messageId)
    .reverse();

const envelope = (letter: Letter, { conf }: RenderContext, raw: Buffer): OutboxMail => ({
  messageId: letter.messageId,
  from: conf.mail.address,
  to: [letter.recipient],
  raw,
});

const signedMail = async (draft: MailDraft, letter: Letter, { conf, paths }: RenderContext): Promise<Buffer> => {
  const key = conf.mail.sign_logs_with;
  if (key === undefined) return mailOf(draft.fields, entityOf(draft, draft.text, letter.messageId));
  const signed = await signEntity(
    entityOf(draft, draft.text, letter.messageId),
    { gnupg: paths.gnupg, key },
    letter.messageId,
  );
  if (signed.kind === 'signed') return mailOf(draft.fields, signed.entity);
  const text = `This mail is not signed: ${signed.reason}\n\n${draft.text}`;
  return mailOf(draft.fields, entityOf(draft, text, letter.messageId));
};

const entityOf = (draft: MailDraft, text: string, seed: string): Entity =>
  draft.attachments.length === 0
    ? textEntity(text)
    : multipartEntity('multipart/mixed', [textEntity(text), ...draft.attachments.map(attachmentEntity)], seed);
