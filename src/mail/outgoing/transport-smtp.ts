// Hands mails to a mail server over SMTP. A server can take a mail for some recipients and refuse the others, and
// nodemailer calls that a success: `rejected` is always looked at.
import { ConfigurationError, messageOf, systemCodeOf } from '../../platform/errors.ts';
import type { QueuedMail } from '../../home/outbox.ts';
import { shortLine } from './lines.ts';
import type { Delivery, Transport } from './delivery.ts';

const connectSeconds = 30;
const silenceSeconds = 300;

/** A transport to `smtp://[USER:PASSWORD@]HOST[:PORT]` or `smtps://…`. */
export function smtpTransport(setting: string): Transport {
  const options = optionsOf(setting);
  return {
    deliver: async (mail) => {
      // Loaded when there is a mail to send, not by every command that could.
      const { createTransport } = await import('nodemailer');
      const server = createTransport(options);
      try {
        const { rejected, rejectedErrors } = await server.sendMail({
          envelope: { from: mail.from, to: [...mail.to] },
          raw: Buffer.from(mail.raw),
        });
        return outcomeOf(rejected.map(String), messageOf(rejectedErrors?.[0] ?? 'recipient refused'), mail);
      } catch (error) {
        return failureOf(error, mail);
      } finally {
        server.close();
      }
    },
  };
}

const outcomeOf = (rejected: readonly string[], reason: string, mail: QueuedMail): Delivery => {
  const refused = mail.to.filter((address) => rejected.includes(address));
  if (refused.length === 0) return { kind: 'delivered' };
  return { kind: 'refused', recipients: refused, reason: shortLine(reason, 300) };
};

// EENVELOPE: every recipient (or the sender) was refused. EMESSAGE: the mail's content was. Anything else is the server's.
const failureOf = (error: unknown, mail: QueuedMail): Delivery => {
  const code = systemCodeOf(error);
  const reason = shortLine(messageOf(error), 300);
  return code === 'EENVELOPE' || code === 'EMESSAGE'
    ? { kind: 'refused', recipients: mail.to, reason }
    : { kind: 'unreachable', reason };
};

const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

const optionsOf = (setting: string) => {
  const url = urlOf(setting);
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || (secure ? 465 : 25)),
    secure,
    ...(url.username === '' ? {} : { auth: { user: url.username, pass: url.password } }),
    // Without a password STARTTLS is opportunistic, as between mail servers: an unknown certificate is better than
    // none. A password is only ever sent to a server whose certificate is good, or to this host.
    tls: { rejectUnauthorized: (secure || url.username !== '') && !loopback.has(url.hostname) },
    connectionTimeout: connectSeconds * 1000,
    greetingTimeout: connectSeconds * 1000,
    socketTimeout: silenceSeconds * 1000,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
};

const urlOf = (setting: string): Pick<URL, 'protocol' | 'hostname' | 'port' | 'username' | 'password'> => {
  try {
    const { protocol, hostname, port, username, password } = new URL(setting);
    if (hostname === '') throw new TypeError('no host');
    return { protocol, hostname, port, username: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    // The setting may hold a password, so it is not shown.
    throw new ConfigurationError(
      'mail.transport: expected "smtp://HOST:PORT" or "smtp://USER:PASSWORD@HOST:PORT" (smtps:// likewise)',
    );
  }
};
