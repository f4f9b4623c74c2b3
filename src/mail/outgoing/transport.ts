// Which way a mail leaves this host: sendmail, SMTP, or a directory.
import { resolve } from 'node:path';
import type { Transport } from './delivery.ts';
import { directoryTransport } from './transport-directory.ts';
import { sendmailTransport } from './transport-sendmail.ts';
import { smtpTransport } from './transport-smtp.ts';

interface TransportPlaces {
  /** What a relative `dir:PATH` is relative to; the working directory where none is named. */
  readonly home?: string;
  /** The sendmail program; /usr/sbin/sendmail (Debian policy §11.6) where none is named. */
  readonly sendmail?: string;
}

/**
 * The transport of `[mail] transport`: `sendmail`, `smtp://HOST:PORT`, `smtps://HOST:PORT` or `dir:PATH`.
 * @throws ConfigurationError when an smtp URL is none.
 */
export function transportOf(setting: string, places: TransportPlaces = {}): Transport {
  if (setting.startsWith('smtp')) return smtpTransport(setting);
  if (!setting.startsWith('dir:')) return sendmailTransport(places.sendmail ?? '/usr/sbin/sendmail');
  const path = setting.slice('dir:'.length);
  return directoryTransport(resolve(places.home ?? '.', path));
}
