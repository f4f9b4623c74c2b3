// The listener over real sockets: what a mail client hears, and what is on disk at that moment.
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsOf, type HomePaths } from '../../../../src/home/paths.ts';
import { isLoopback, parseListenAddress } from '../../../../src/mail/incoming/spool/listen-address.ts';
import { listen, type Listener } from '../../../../src/mail/incoming/spool/listener.ts';
import { listSpool } from '../../../../src/mail/incoming/spool/spool.ts';
import { systemClock } from '../../../../src/platform/clock.ts';

let paths: HomePaths;
let listener: Listener | null;
let stored: number;
let logged: string[];

beforeEach(() => {
  paths = pathsOf(mkdtempSync(join(tmpdir(), 'ls-')));
  listener = null;
  stored = 0;
  logged = [];
});

afterEach(async () => {
  await listener?.close();
  rmSync(paths.root, { recursive: true, force: true });
});

const start = async (where = '127.0.0.1:0', limit = 10_000): Promise<Listener> => {
  listener = await listen(parseListenAddress(where), {
    paths,
    limit: () => limit,
    clock: systemClock,
    log: { log: (line) => void logged.push(line), reopen: () => undefined },
    stored: () => void (stored += 1),
  });
  return listener;
};

const contents = (): string[] => listSpool(paths).map(({ name }) => readFileSync(join(paths.mqueue, name), 'utf8'));
const portOf = (of: Listener): number => Number(of.address.split(':').at(-1));

// Says line after line, waiting for an answer to each; returns the answers.
const talk = async (socket: Socket, lines: readonly string[]): Promise<string[]> => {
  let text = '';
  const answers: string[] = [];
  socket.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  socket.on('error', () => undefined);
  const answer = async (): Promise<void> => {
    for (let i = 0; i < 500; i += 1) {
      const match = /^((?:\d{3}-.*\r\n)*\d{3} .*\r\n)/.exec(text);
      if (match?.[1] !== undefined) {
        answers.push(match[1].trim());
        text = text.slice(match[1].length);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no answer after ${answers.join(' | ')}; ${text}`);
  };
  await answer();
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    await answer();
  }
  return answers;
};

describe('a mail over SMTP', () => {
  it('is on disk, whole, when the client hears 250, with the envelope on top', async () => {
    const port = portOf(await start());
    const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
    const sent = await transport.sendMail({
      envelope: { from: 'admin@example.org', to: ['buildd+abc@example.org'] },
      raw: 'From: admin@example.org\r\nSubject: Re: Log\r\n\r\nretry\r\n..\r\n',
    });
    expect(sent.accepted).toEqual(['buildd+abc@example.org']);
    expect(stored).toBe(1);
    const [mail = ''] = contents();
    expect(mail).toMatch(
      /^Return-Path: <admin@example\.org>\r\nX-Original-To: buildd\+abc@example\.org\r\nReceived: from \S+ \(127\.0\.0\.1\) by \S+ \(buildd-mail\) with SMTP;\r\n\t/,
    );
    expect(mail.endsWith('\r\nFrom: admin@example.org\r\nSubject: Re: Log\r\n\r\nretry\r\n..\r\n')).toBe(true);
    expect(readdirSync(paths.mqueue)).toHaveLength(1);
  });

  it('of a client that goes away in the middle leaves nothing behind', async () => {
    const socket = createConnection({ port: portOf(await start()), host: '127.0.0.1' });
    await talk(socket, ['EHLO x', 'MAIL FROM:<a@example.org>', 'RCPT TO:<buildd@example.org>', 'DATA']);
    socket.write('Subject: half\r\n\r\nret');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    for (let i = 0; i < 200 && readdirSync(paths.mqueue).length > 0; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(readdirSync(paths.mqueue)).toEqual([]);
    expect(stored).toBe(0);
  });

  it('that cannot be stored is answered with 452, so that the sender tries again', async () => {
    const running = await start();
    // A file where the queue should be: nobody can write there, not even root.
    writeFileSync(paths.mqueue, '');
    const socket = createConnection({ port: portOf(running), host: '127.0.0.1' });
    const answers = await talk(socket, [
      'EHLO x',
      'MAIL FROM:<a@example.org>',
      'RCPT TO:<buildd@example.org>',
      'DATA',
      'Subject: x\r\n\r\nretry\r\n.',
    ]);
    expect(answers.at(-1)).toBe('452 the mail could not be stored, try again later');
    expect(stored).toBe(0);
    expect(logged.join('\n')).toMatch(/the mail of <a@example\.org> could not be stored/);
    socket.destroy();
  });

  it('larger than max_mail_size is taken, its beginning kept and marked', async () => {
    const transport = createTransport({
      host: '127.0.0.1',
      port: portOf(await start('127.0.0.1:0', 400)),
      ignoreTLS: true,
    });
    await transport.sendMail({
      envelope: { from: 'a@example.org', to: ['b@example.org'] },
      raw: `Subject: large\r\n\r\n${'x'.repeat(5000)}\r\n`,
    });
    expect(listSpool(paths)).toMatchObject([{ oversize: true }]);
    expect(contents()[0]).toHaveLength(400);
  });

  it('with a line break or angle bracket in its envelope cannot add a header', async () => {
    const socket = createConnection({ port: portOf(await start()), host: '127.0.0.1' });
    await talk(socket, ['EHLO x', 'MAIL FROM:<"a\tb>"@example.org>', 'RCPT TO:<buildd@example.org>']).catch(
      () => undefined,
    );
    socket.destroy();
    const second = createConnection({ port: portOf(listener ?? (await start())), host: '127.0.0.1' });
    await talk(second, [
      'EHLO x\u00ff',
      'MAIL FROM:<a@example.org>',
      'RCPT TO:<buildd@example.org>',
      'DATA',
      'Subject: x\r\n\r\nretry\r\n.',
    ]);
    second.destroy();
    for (const mail of contents())
      expect(mail.split('\r\n').slice(0, 5).join('\n')).toMatch(
        /^Return-Path: <[^<>\n]*>\nX-Original-To: \S+\nReceived: [\x20-\x7e]+\n\t[^\n]+\n/,
      );
  });
});

describe('a mail over LMTP', () => {
  it("is stored once, every recipient is answered, and the mail server's own headers stay on top of Received", async () => {
    const path = join(paths.root, 'lmtp');
    const running = await start(`unix:${path}`);
    expect(running.address).toBe(`unix:${path}`);
    const socket = createConnection({ path });
    const answers = await talk(socket, [
      'LHLO x',
      'MAIL FROM:<>',
      'RCPT TO:<buildd@example.org>',
      'DATA',
      'Authentication-Results: x\r\nReceived: y\r\nSubject: x\r\n\r\nretry\r\n.',
    ]);
    expect(answers.at(-1)).toMatch(/^250 /);
    expect(contents()).toEqual([
      'Return-Path: <>\r\nX-Original-To: buildd@example.org\r\nAuthentication-Results: x\r\nReceived: y\r\nSubject: x\r\n\r\nretry\r\n',
    ]);
    socket.destroy();
  });

  it('takes over the socket file of a listener that was killed, but not that of one that lives', async () => {
    const path = join(paths.root, 'lmtp');
    await start(`unix:${path}`);
    await expect(start(`unix:${path}`)).rejects.toThrow(`--listen unix:${path}: something else listens there already`);
    expect(existsSync(path)).toBe(true);
    await listener?.close();
    // A file that nobody listens on, as kill -9 leaves it.
    const dead = createServer().listen(path);
    await new Promise((resolve) => dead.once('listening', resolve));
    dead.unref();
    await new Promise((resolve) => dead.close(resolve));
    if (!existsSync(path)) writeFileSync(path, '');
    chmodSync(path, 0o600);
    expect((await start(`unix:${path}`)).address).toBe(`unix:${path}`);
  });
});

describe('--listen', () => {
  it('means loopback where it names only a port', () => {
    expect(parseListenAddress('2525')).toEqual({ kind: 'smtp', host: '127.0.0.1', port: 2525 });
    expect(parseListenAddress(':2525')).toEqual({ kind: 'smtp', host: '127.0.0.1', port: 2525 });
    expect(parseListenAddress('[::1]:25')).toEqual({ kind: 'smtp', host: '::1', port: 25 });
    expect(parseListenAddress('unix:/run/x')).toEqual({ kind: 'lmtp', path: '/run/x' });
    expect(
      ['127.0.0.9:1', 'unix:/x', 'localhost:1', '[::1]:1', '0.0.0.0:1', '192.0.2.1:1'].map((text) =>
        isLoopback(parseListenAddress(text)),
      ),
    ).toEqual([true, true, true, true, false, false]);
  });

  it.each(['', 'x', '1.2.3.4', '1.2.3.4:99999', 'unix:', `unix:/${'x'.repeat(200)}`, 'a b:1'])(
    'refuses %j in one line',
    (text) => {
      expect(() => parseListenAddress(text)).toThrow(/^--listen .*: expected ADDRESS:PORT, PORT or unix:PATH/);
    },
  );

  it('says so when the port is taken', async () => {
    const { address } = await start();
    await expect(
      listen(parseListenAddress(address), {
        paths,
        limit: () => 1,
        clock: systemClock,
        log: { log: () => undefined, reopen: () => undefined },
        stored: () => undefined,
      }),
    ).rejects.toThrow(`--listen ${address}: something else listens there already`);
  });
});
