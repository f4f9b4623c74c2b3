// A mail before it is put into MIME parts and signed.
import type { HeaderField } from './header.ts';
import type { Attachment } from './mime.ts';

export interface MailDraft {
  readonly fields: readonly HeaderField[];
  readonly text: string;
  readonly attachments: readonly Attachment[];
}
