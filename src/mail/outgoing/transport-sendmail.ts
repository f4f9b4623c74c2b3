// Hands mails to the host's own mail server through its sendmail command. No shell; addresses after `--`, so that none
// is ever taken for an option.
import { run } from '../../platform/run.ts';
import { shortLine } from './lines.ts';
import type { Transport } from './delivery.ts';

const sendmailSeconds = 300;

/** A transport through `PROGRAM -i -f FROM -- TO…`; `-f <>` for a mail without an envelope sender. */
export function sendmailTransport(program: string): Transport {
  return {
    deliver: async ({ from, to, raw }) => {
      const args = ['-i', '-f', from === '' ? '<>' : from, '--', ...to];
      const result = await run(program, args, {
        input: withLf(raw),
        timeoutSeconds: sendmailSeconds,
        maxOutputBytes: 64 * 1024,
      });
      if (result.notStarted !== null)
        return { kind: 'unreachable', reason: `${program} cannot be started (${result.notStarted})` };
      if (result.code === 0) return { kind: 'delivered' };
      const said = `${result.stderr.toString('utf8')} ${result.stdout.toString('utf8')}`.trim();
      const how = result.timedOut
        ? `did not end within ${sendmailSeconds} seconds`
        : `ended with ${result.code ?? result.signal ?? 'an error'}`;
      const reason = shortLine(`${program} ${how}${said === '' ? '' : `: ${said}`}`, 300);
      // EX_TEMPFAIL, EX_UNAVAILABLE and the like say nothing about a recipient.
      return result.code === 67 || result.code === 68
        ? { kind: 'refused', recipients: to, reason }
        : { kind: 'unreachable', reason };
    },
  };
}

/** A mail with the line ends of this host's programs. */
export function withLf(raw: Uint8Array): Buffer {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = mail.indexOf('\r\n'); at >= 0; at = mail.indexOf('\r\n', at + 2)) {
    pieces.push(mail.subarray(start, at));
    start = at + 1;
  }
  return Buffer.concat([...pieces, mail.subarray(start)]);
}
