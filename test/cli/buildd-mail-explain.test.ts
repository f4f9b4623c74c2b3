import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { explainMain } from '../../src/cli/buildd-mail-explain.ts';
import { ConfigurationError, DataError, UsageError } from '../../src/platform/errors.ts';
import { makeKey } from '../support/admin-key.ts';
import { rawMail } from '../support/incoming-mail.ts';
import { receivingWorld, replyMail } from '../support/receiving-world.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const home = temporaryDirectory();
writeFileSync(
  join(home, 'buildd.conf'),
  `[[distributions]]\ndist_name = "unstable"\nbuilt_architecture = "amd64"\n[mail]\naddress = "buildd@example.org"\n[auth]\nadmin_addresses = ["admin@example.org"]\naccept = ["sender"]\n`,
);
const file = join(home, 'one.eml');
writeFileSync(file, rawMail('fail\nno space\n'));

const explain = async (...args: string[]): Promise<string[]> => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    expect(await explainMain(args)).toBe(0);
  } finally {
    write.mockRestore();
  }
  return lines;
};

describe('buildd-mail --explain', () => {
  it('prints one JSON object a mail, with all keys and in their order', async () => {
    const [line = '', ...others] = await explain('--home', home, '--explain', '--now', '2026-11-20T09:15:02Z', file);
    expect(others).toEqual([]);
    expect(line.endsWith('}\n')).toBe(true);
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      'file',
      'part',
      'kind',
      'action',
      'package',
      'version',
      'dist',
      'arch',
      'argument',
      'priority',
      'sender',
      'auth',
      'decision',
      'code',
      'reason',
    ]);
    expect(JSON.parse(line)).toEqual({
      file,
      part: 0,
      kind: 'log-reply',
      action: 'fail',
      package: 'hello',
      version: '2.10-3',
      dist: 'unstable',
      arch: 'amd64',
      argument: 'no space',
      priority: null,
      sender: 'admin@example.org',
      auth: { method: 'sender', ok: true, key: null, reason: 'From is the admin admin@example.org' },
      decision: 'apply',
      code: null,
      reason: 'fail, answered by an admin',
    });
  });

  it('changes nothing in the home', async () => {
    const before = readdirSync(home);
    await explain('--home', home, '--explain', file, file);
    expect(readdirSync(home)).toEqual(before);
  });

  it('checks a token with the secret and home.db of the home, read only, while the daemon runs and after', async () => {
    const key = makeKey('Admin <admin@example.org>');
    const world = await receivingWorld(key.publicKey);
    try {
      const greet = await world.built('greet', { result: 'attempted' });
      const reply = join(home, 'reply.eml');
      writeFileSync(reply, replyMail(greet, { body: 'retry' }));
      const decided = async (): Promise<unknown> =>
        JSON.parse((await explain('--home', world.root, '--explain', reply))[0] ?? '');
      const before = readdirSync(world.root);
      expect(await decided()).toMatchObject({
        action: 'retry',
        decision: 'apply',
        auth: { method: 'token', ok: true },
      });
      expect(readdirSync(world.root)).toEqual(before);
      await world.receive(replyMail(greet, { body: 'fail no' }));
      await world.ports.close();
      const after = readdirSync(world.root);
      expect(after).not.toContain('home.db-shm');
      expect(await decided()).toMatchObject({
        decision: 'refuse',
        code: 'unauthenticated',
        reason: expect.stringContaining('was answered already: "fail"') as string,
      });
      expect(readdirSync(world.root)).toEqual(after);
      rmSync(join(world.root, 'home.db'));
      expect(await decided()).toMatchObject({ reason: 'there is a token, but no store here to check it with' });
      writeFileSync(join(world.root, 'home.db'), 'this is no database, however often you look at it. '.repeat(100));
      await expect(decided()).rejects.toThrow(/home\.db: cannot be read as a database/);
    } finally {
      rmSync(world.root, { recursive: true, force: true });
      key.remove();
    }
  });

  it('heeds the blacklist', async () => {
    const other = join(home, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'buildd.conf'), '[[distributions]]\ndist_name = "unstable"\n');
    writeFileSync(join(other, 'mail-blacklist'), 'admin@\n');
    expect(JSON.parse((await explain('--home', other, '--explain', file))[0] ?? '')).toMatchObject({
      decision: 'drop',
    });
  });

  it.each([
    [['--now', 'yesterday', file], UsageError, '--now: "yesterday" is not a time'],
    [['--nwo', 'x'], UsageError, 'usage: buildd-mail'],
    [[join(home, 'none.eml')], DataError, 'none.eml: cannot be read'],
  ] as const)('says in one line what is wrong: %j', async (args, type, text) => {
    const failure = await explainMain(['--home', home, '--explain', ...args]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(type);
    expect(String(failure)).toContain(text);
    expect(String(failure)).not.toContain('\n');
  });

  it('needs a configuration', async () => {
    await expect(explainMain(['--home', join(home, 'nowhere'), '--explain', file])).rejects.toThrow(ConfigurationError);
  });
});
