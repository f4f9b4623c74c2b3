// Which mail an intent causes, as plain data; the mail room writes it when the intent closes.

/** A copy of the head of a received mail, for quoting and threading. */
export interface Answered {
  readonly messageId: string | null;
  readonly subject: string;
  /** Lines of the text, at most 50. */
  readonly text: readonly string[];
  /** The token that the mail came with, whatever it is worth; absent in intents of older versions. */
  readonly token?: string | null;
}

export type MailRequest =
  /** The log mail(s) of a build, to all its recipients. */
  | { readonly kind: 'log'; readonly build: number }
  | { readonly kind: 'should-build'; readonly build: number; readonly reason: string | null }
  /** A text to the admin: dupload errors, old files … */
  | { readonly kind: 'notice'; readonly subject: string; readonly text: string }
  /** An answer to who sent a mail. With a refusal, `text` is followed by the reason. */
  | { readonly kind: 'answer'; readonly to: string; readonly text: string; readonly answered: Answered }
  /** A received mail unchanged to the admin, with Resent- headers; the raw mail in base64. */
  | { readonly kind: 'forward'; readonly raw: string };
