// `buildd up` as a process: one command from the store to the archive, with nothing else running on the host.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey, type SigningKey } from '../support/admin-key.ts';
import { hostArchitecture } from '../support/build-world.ts';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { makeSourcePackage } from '../support/source-package.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const commands = new Map<string, BundledCommand>();
let key: SigningKey;
beforeAll(async () => {
  for (const name of ['buildd', 'wanna-build']) commands.set(name, await bundledCommand(name));
  key = makeKey('Example Admin <admin@example.org>');
});
afterAll(() => {
  for (const command of commands.values()) command.remove();
  key.remove();
});

const architecture = hostArchitecture();
const conf = `admin_mail = "admin@example.org"
min_free_space = 0
nice_level = 0
[builder]
use = "dpkg"
bubblewrap = false
[[distributions]]
dist_name = "sid"
built_architecture = "${architecture}"
wanna_build_db_user = "builder"
[[upload_queues]]
dupload_archive_name = "local"
program = "copy"
target = "incoming"
[auth]
admin_keyring = "admin.asc"
admin_addresses = ["admin@example.org"]
[mail]
address = "buildd@example.org"
transport = "dir:sent"
`;

const makeHome = (): string => {
  const root = temporaryDirectory('up');
  mkdirSync(join(root, 'incoming'));
  writeFileSync(join(root, 'buildd.conf'), conf);
  writeFileSync(join(root, 'admin.asc'), key.publicKey);
  return root;
};

const wannaBuild = (root: string, ...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [commands.get('wanna-build')?.path ?? '', '--home', root, '--dist', 'sid', '--arch', architecture, ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`wanna-build ${args.join(' ')}: ${stderr}`);
  return stdout;
};

const start = (root: string, args: readonly string[], program = commands.get('buildd')?.path ?? '') => {
  const child = spawn(process.execPath, [program, '--home', root, 'up', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = { text: '' };
  child.stderr.on('data', (chunk: Buffer) => (said.text += chunk.toString()));
  // Not `close`: a successor has the same standard error.
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, said, ended };
};

const firstMail = (root: string): string | null => {
  const directory = join(root, 'sent');
  const [name] = existsSync(directory) ? readdirSync(directory).filter((one) => !one.startsWith('.')) : [];
  return name === undefined ? null : readFileSync(join(directory, name), 'utf8');
};

describe('buildd up', () => {
  it('builds, mails, hears the signed answer over SMTP, uploads, and TERM ends all of it', async () => {
    const root = makeHome();
    wannaBuild(root, '--add', makeSourcePackage('greet', temporaryDirectory('src')));
    const { child, said, ended } = start(root, ['--listen', '127.0.0.1:0']);
    try {
      const port = await until(
        'a listener',
        20,
        () => /receiving mail on 127\.0\.0\.1:(\d+)$/m.exec(said.text)?.[1] ?? null,
      );
      const letter = await simpleParser(await until(`a log mail:\n${said.text}`, 40, () => firstMail(root)));
      expect(letter.subject).toBe(`Log for successful build of greet_1.0 on ${architecture} (dist=sid)`);
      const text = letter.text ?? '';
      const changes = `${text.slice(text.lastIndexOf('\nFormat: 1.8') + 1).trimEnd()}\n`;
      const to = letter.replyTo?.value[0]?.address ?? '';
      const transport = createTransport({ host: '127.0.0.1', port: Number(port), ignoreTLS: true });
      await transport.sendMail({
        envelope: { from: 'admin@example.org', to: [to] },
        raw: [
          'From: admin@example.org',
          `To: ${to}`,
          `Subject: Re: ${letter.subject ?? ''}`,
          'Message-ID: <answer@example.org>',
          '',
          key.clearsign(changes),
        ]
          .join('\n')
          .replaceAll('\n', '\r\n'),
      });
      transport.close();
      const name = `greet_1.0_${architecture}.changes`;
      await until(`an upload:\n${said.text}`, 40, () => (existsSync(join(root, 'incoming', name)) ? true : null));
      await until('the report of the upload', 20, () =>
        /^ {2}State +: Uploaded$/m.test(wannaBuild(root, '--info', 'greet')) ? true : null,
      );
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
    expect(readdirSync(join(root, 'incoming'))).toContain(`greet_1.0_${architecture}.deb`);
    expect(existsSync(join(root, 'build/buildd.pid'))).toBe(false);
    expect(readdirSync(join(root, 'mqueue'))).not.toContain('.lock');
    // Each event stands in the log once.
    const log = readFileSync(join(root, 'daemon.log'), 'utf8');
    const lines = log.split('\n').map((line) => line.replace(/^\S+ /, ''));
    expect(lines.filter((line) => line.includes('uploaded upload/greet'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('log-reply changes greet_1.0'))).toHaveLength(1);
    expect(lines.at(-2)).toMatch(/^buildd\[\d+\]: stopped$/);
  });

  it('whose program is replaced makes room for the new one, which listens again', async () => {
    const root = makeHome();
    const own = await bundledCommand('buildd');
    const { ended } = start(root, ['--listen', '127.0.0.1:0'], own.path);
    const log = (): string =>
      existsSync(join(root, 'daemon.log')) ? readFileSync(join(root, 'daemon.log'), 'utf8') : '';
    const pids = (): number[] => [...log().matchAll(/started, pid (\d+)$/gm)].map((match) => Number(match[1]));
    const [first] = await until('the first one', 20, () => (pids().length === 1 ? pids() : null));
    appendFileSync(own.path, '\n// A newer one.\n');
    expect(await ended).toBe(0);
    const [, second] = await until(`the second one:\n${log()}`, 20, () => (pids().length === 2 ? pids() : null));
    if (second === undefined || second === first) throw new Error('no second process');
    expect(log().match(/receiving mail on 127\.0\.0\.1:\d+$/gm)).toHaveLength(2);
    process.kill(second, 'SIGTERM');
    await until('its end', 20, () => (log().match(/ stopped$/gm)?.length === 1 ? true : null));
    await until('its pid file going', 20, () => (existsSync(join(root, 'build/buildd.pid')) ? null : true));
    own.remove();
  });

  it('that cannot listen says why in one line, ends with 69 and leaves nothing behind', async () => {
    const root = makeHome();
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const { said, ended } = start(root, ['--listen', String(port)]);
    expect(await ended).toBe(69);
    other.close();
    const reason = `--listen 127.0.0.1:${port}: something else listens there already`;
    await until(`the reason in: ${said.text}`, 10, () => (said.text.includes(`buildd: ${reason}\n`) ? true : null));
    expect(said.text.split('\n').filter((line) => line.includes(reason))).toHaveLength(1);
    expect(existsSync(join(root, 'build/buildd.pid'))).toBe(false);
  });
});
