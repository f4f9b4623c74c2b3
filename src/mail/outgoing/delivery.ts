// What all ways of handing over a mail have in common. Handing over the same mail twice is allowed, losing one is not:
// whatever is not certain counts as not delivered.
import type { QueuedMail } from '../../home/outbox.ts';

export type Delivery =
  | { readonly kind: 'delivered' }
  /** Not delivered to these recipients; all others have it. */
  | { readonly kind: 'refused'; readonly recipients: readonly string[]; readonly reason: string }
  /** The way itself does not work now (a dead mail server): another mail would fare no better. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface Transport {
  /** Hands over one mail. Never rejects for what the other side does. */
  deliver(mail: QueuedMail): Promise<Delivery>;
}
