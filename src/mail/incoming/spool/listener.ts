// Receives mail itself (SMTP on a port, LMTP on a socket) where no mail server does: the same queue, the same
// promise. 250 is said only after the mail is on disk. Must never relay, and never look into a mail.
import { hostname } from 'node:os';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { HomePaths } from '../../../home/paths.ts';
import type { Clock } from '../../../platform/clock.ts';
import { messageOf } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/logger.ts';
import { bind, type ListenAddress } from './listen-address.ts';
import { receiveMail, type Receiving } from './spool.ts';

export interface ListenerPorts {
  readonly paths: HomePaths;
  /** max_mail_size, bytes; asked for each mail. */
  limit(): number;
  readonly clock: Clock;
  readonly log: Logger;
  /** A mail was stored: process the queue. Must not throw. */
  stored(): void;
}

export interface Listener {
  /** `127.0.0.1:2525` or `unix:PATH`; the real port where 0 was asked for. */
  readonly address: string;
  close(): Promise<void>;
}

const maxClients = 20;
const maxRecipients = 100;
const idleMs = 300_000;

/**
 * Listens until closed.
 * @throws UnavailableError when the address is taken or not ours.
 */
export async function listen(address: ListenAddress, ports: ListenerPorts): Promise<Listener> {
  const { SMTPServer } = await import('smtp-server');
  const lmtp = address.kind === 'lmtp';
  const server = new SMTPServer({
    lmtp,
    name: hostname(),
    banner: 'buildd-mail',
    logger: false,
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    maxClients,
    socketTimeout: idleMs,
    closeTimeout: 2000,
    onRcptTo: (_recipient, session, reply) => {
      if (session.envelope.rcptTo.length < maxRecipients) reply();
      else reply(smtpError(452, 'too many recipients'));
    },
    onData: (stream, session, reply) => {
      store(stream, session, { ports, lmtp }, (error) => {
        if (error === null) reply();
        else reply(smtpError(452, 'the mail could not be stored, try again later'));
      });
    },
  });
  server.on('error', (error) => ports.log.log(`listener: ${messageOf(error)}`));
  await bind(server.server, address);
  const bound = server.server.address();
  return {
    address:
      typeof bound === 'object' && bound !== null
        ? `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
        : `unix:${String(bound)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

interface Storing {
  readonly ports: ListenerPorts;
  readonly lmtp: boolean;
}

const store = (
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  { ports, lmtp }: Storing,
  done: (error: Error | null) => void,
): void => {
  let mail: Receiving | null = null;
  let failure: Error | null = null;
  const attempt = (fn: () => void): void => {
    if (failure !== null) return;
    try {
      fn();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      mail?.discard();
      ports.log.log(`listener: the mail of <${senderOf(session)}> could not be stored: ${messageOf(error)}`);
    }
  };
  attempt(() => {
    mail = receiveMail(ports.paths, ports.limit(), ports.clock.now());
    mail.write(Buffer.from(traceFields(session, lmtp, ports.clock.now())));
  });
  stream.on('data', (chunk: Buffer) => attempt(() => mail?.write(chunk)));
  stream.on('close', () => {
    // The client went away in the middle of a mail: it keeps the mail, we keep nothing. After a commit this does nothing.
    mail?.discard();
  });
  stream.on('end', () => {
    attempt(() => mail?.commit());
    done(failure);
    if (failure === null) ports.stored();
  });
};

const senderOf = (session: SMTPServerSession): string =>
  session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;

// Envelope and origin as a local delivery writes them on top of a mail. Over LMTP a mail server of ours has put its
// own Received and Authentication-Results there, and ours above them would make those look like a stranger's.
const traceFields = (session: SMTPServerSession, lmtp: boolean, now: Date): string => {
  const clean = (text: string): string => text.replace(/[^\x21-\x7e]/g, '');
  const address = (text: string): string => clean(text).replace(/[<>]/g, '');
  const fields = [`Return-Path: <${address(senderOf(session))}>`];
  for (const recipient of session.envelope.rcptTo) fields.push(`X-Original-To: ${address(recipient.address)}`);
  if (!lmtp) {
    const from = `${clean(session.hostNameAppearsAs || 'unknown').slice(0, 255)} (${clean(session.remoteAddress)})`;
    fields.push(
      `Received: from ${from} by ${hostname()} (buildd-mail) with SMTP;\r\n\t${now.toUTCString().replace('GMT', '+0000')}`,
    );
  }
  return fields.map((field) => `${field}\r\n`).join('');
};

const smtpError = (responseCode: number, text: string): Error => Object.assign(new Error(text), { responseCode });
