// Forwards a received mail to the admin: every byte of it unchanged, Resent- fields in front (RFC 5322 §3.6.6).
// Pure. It leaves without an envelope sender, so that a bounce of it cannot come back and be forwarded again.
import { formatFields, headerText, mailDate } from './header.ts';

interface ForwardFacts {
  readonly to: string;
  readonly ownAddress: string;
  readonly raw: Uint8Array;
  readonly messageId: string;
  readonly now: Date;
}

/** The whole mail to hand over. */
export function forwardedMail({ to, ownAddress, raw, messageId, now }: ForwardFacts): Buffer {
  const resent = formatFields([
    ['Resent-From', ownAddress],
    ['Resent-To', to],
    ['Resent-Date', mailDate(now)],
    ['Resent-Message-ID', messageId],
    ['X-Loop', headerText(ownAddress)],
  ]);
  const mail = withoutEnvelopeLine(raw);
  return Buffer.concat([
    Buffer.from(resent),
    Buffer.from(beginsWithField(mail) ? '' : noHeader(ownAddress, to, now)),
    withCrlf(mail),
  ]);
}

// What a local delivery agent puts in front of a mail is no part of it.
const withoutEnvelopeLine = (raw: Uint8Array): Buffer => {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (mail.subarray(0, 5).toString('latin1') !== 'From ') return mail;
  const end = mail.indexOf(0x0a);
  return end < 0 ? mail : mail.subarray(end + 1);
};

const beginsWithField = (mail: Buffer): boolean =>
  /^[!-9;-~]{1,200}[ \t]*:/.test(mail.subarray(0, 300).toString('latin1'));

// Something that is not a mail must not become our header: it becomes the text of one.
const noHeader = (from: string, to: string, now: Date): string =>
  `${formatFields([
    ['From', from],
    ['To', to],
    ['Date', mailDate(now)],
    ['Subject', 'A mail without a header, as it was received'],
  ])}\r\n`;

const withCrlf = (mail: Buffer): Buffer => {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = mail.indexOf(0x0a); at >= 0; at = mail.indexOf(0x0a, at + 1)) {
    if (at > 0 && mail[at - 1] === 0x0d) continue;
    pieces.push(mail.subarray(start, at), Buffer.from('\r\n'));
    start = at + 1;
  }
  return Buffer.concat([...pieces, mail.subarray(start)]);
};
