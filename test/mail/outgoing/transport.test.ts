import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { QueuedMail } from '../../../src/home/outbox.ts';
import { transportOf } from '../../../src/mail/outgoing/transport.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mbd-way-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const mail = (more: Partial<QueuedMail> = {}): QueuedMail => ({
  number: 12,
  attempts: 0,
  messageId: '<b.token@example.org>',
  from: 'buildd@example.org',
  to: ['admin@example.org', 'other@example.org'],
  raw: Buffer.from('Subject: x\r\n\r\n.\r\n..two\r\nlast\r\n'),
  ...more,
});

describe('sendmail', () => {
  const stub = (script: string): string => {
    const path = join(directory, 'sendmail');
    writeFileSync(
      path,
      `#!/bin/sh\ncd '${directory}'\nfor a; do printf '%s\\n' "$a"; done >args\ncat >stdin\n${script}\n`,
    );
    chmodSync(path, 0o755);
    return path;
  };
  const deliver = (script: string, what = mail()) => transportOf('sendmail', { sendmail: stub(script) }).deliver(what);

  it('gets the envelope as arguments, the addresses after --, and the mail with the line ends of files', async () => {
    expect(await deliver('exit 0')).toEqual({ kind: 'delivered' });
    expect(readFileSync(join(directory, 'args'), 'utf8')).toBe(
      '-i\n-f\nbuildd@example.org\n--\nadmin@example.org\nother@example.org\n',
    );
    expect(readFileSync(join(directory, 'stdin'), 'utf8')).toBe('Subject: x\n\n.\n..two\nlast\n');
  });

  it('gets the null sender of a mail that must not bounce', async () => {
    await deliver('exit 0', mail({ from: '' }));
    expect(readFileSync(join(directory, 'args'), 'utf8')).toContain('-f\n<>\n--\n');
  });

  it('passes nothing through a shell', async () => {
    await deliver('exit 0', mail({ to: ['$(touch owned)@example.org', '-Xowned'] }));
    expect(readFileSync(join(directory, 'args'), 'utf8')).toContain('--\n$(touch owned)@example.org\n-Xowned\n');
    expect(existsSync(join(directory, 'owned'))).toBe(false);
  });

  it('that fails is one line of reason, and the mail was not delivered', async () => {
    expect(await deliver('echo "queue is full" >&2; exit 75')).toEqual({
      kind: 'unreachable',
      reason: `${directory}/sendmail ended with 75: queue is full`,
    });
    expect(await deliver('exit 67')).toMatchObject({
      kind: 'refused',
      recipients: ['admin@example.org', 'other@example.org'],
    });
    expect(await transportOf('sendmail', { sendmail: '/nonexistent/sendmail' }).deliver(mail())).toEqual({
      kind: 'unreachable',
      reason: '/nonexistent/sendmail cannot be started (ENOENT)',
    });
  });

  it('that exits without reading does not end us', async () => {
    const path = stub('');
    writeFileSync(path, '#!/bin/sh\nexit 75\n');
    const large = mail({ raw: Buffer.alloc(5_000_000, 'x') });
    expect((await transportOf('sendmail', { sendmail: path }).deliver(large)).kind).toBe('unreachable');
  });
});

describe('smtp', () => {
  let server: SMTPServer | null = null;
  const received: { from: string; to: string[]; raw: string }[] = [];
  afterEach(async () => {
    received.length = 0;
    await new Promise<void>((done) => (server === null ? done() : server.close(done)));
    server = null;
  });

  const listening = async (options: SMTPServerOptions = {}): Promise<string> => {
    const started = new SMTPServer({
      authOptional: true,
      hideSTARTTLS: true,
      disabledCommands: ['AUTH'],
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map((one) => one.address),
            raw: Buffer.concat(chunks).toString(),
          });
          done();
        });
      },
      ...options,
    });
    server = started;
    await new Promise<void>((done) => started.listen(0, '127.0.0.1', done));
    return `smtp://127.0.0.1:${(started.server.address() as AddressInfo).port}`;
  };

  it('hands the mail over as it is, even where the server has a certificate that nobody knows', async () => {
    const url = await listening({ hideSTARTTLS: false });
    expect(await transportOf(url).deliver(mail())).toEqual({ kind: 'delivered' });
    expect(received).toEqual([
      { from: 'buildd@example.org', to: ['admin@example.org', 'other@example.org'], raw: mail().raw.toString() },
    ]);
  });

  it('hands over a mail without an envelope sender', async () => {
    const url = await listening();
    expect((await transportOf(url).deliver(mail({ from: '' }))).kind).toBe('delivered');
    expect(received.map((one) => one.from)).toEqual(['']);
  });

  it('names the recipients that were refused, though the others have the mail', async () => {
    const url = await listening({
      onRcptTo: ({ address }, _session, done) =>
        address === 'other@example.org' ? done(new Error('no such user here')) : done(),
    });
    expect(await transportOf(url).deliver(mail())).toEqual({
      kind: 'refused',
      recipients: ['other@example.org'],
      reason: expect.stringContaining('no such user here') as string,
    });
    expect(received.map((one) => one.to)).toEqual([['admin@example.org']]);
  });

  it('tells a refusal of all recipients from a server that does not work', async () => {
    const url = await listening({ onRcptTo: (_address, _session, done) => done(new Error('none of them')) });
    expect(await transportOf(url).deliver(mail())).toMatchObject({ kind: 'refused', recipients: mail().to });
  });

  it('is refused as configuration where the URL is none, without showing a password', () => {
    for (const setting of ['smtp://host:99999', 'smtp://u:p%zz@host', 'smtp://[::1', 'smtps://:25']) {
      expect(() => transportOf(setting)).toThrow(/^mail\.transport: expected "smtp:\/\/HOST:PORT" or [^\n]*$/);
    }
  });

  it('says in one line that nobody listens', async () => {
    const url = await listening();
    await new Promise<void>((done) => server?.close(done));
    server = null;
    const delivery = await transportOf(url).deliver(mail());
    expect(delivery).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('ECONNREFUSED') as string });
  });
});

describe('a directory', () => {
  it('gets one file for a mail, however often it is delivered, whose name sorts by time', async () => {
    const way = transportOf('dir:out/box', { home: directory });
    for (const number of [12, 12, 9]) {
      expect(await way.deliver(mail({ number, messageId: `<m.${number}/../../x@example.org>` }))).toEqual({
        kind: 'delivered',
      });
    }
    const names = readdirSync(join(directory, 'out/box'));
    expect(names).toHaveLength(2);
    expect(names.toSorted()[0]).toMatch(/^00000009-[0-9a-f]{16}\.eml$/);
    expect(readFileSync(join(directory, 'out/box', names.toSorted()[1] ?? ''), 'utf8')).toBe(
      'Return-Path: <buildd@example.org>\nDelivered-To: admin@example.org\nDelivered-To: other@example.org\nSubject: x\n\n.\n..two\nlast\n',
    );
  });

  it('keeps apart what two homes deliver into it', async () => {
    const way = transportOf(`dir:${directory}/box`);
    await way.deliver(mail({ messageId: '<one@example.org>' }));
    await way.deliver(mail({ messageId: '<two@example.org>' }));
    expect(readdirSync(join(directory, 'box'))).toHaveLength(2);
  });

  it('that cannot be written is one line of reason', async () => {
    writeFileSync(join(directory, 'file'), '');
    expect(await transportOf(`dir:${directory}/file`).deliver(mail())).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringMatching(/EEXIST|ENOTDIR/) as string,
    });
  });
});
