// One log mail, several admins: who answers first is heard, the others learn of it, and what is refused uses nothing up.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { lettersOfBuild, reopenLetters } from '../../../../src/home/letters.ts';
import { makeToken } from '../../../../src/mail/token.ts';
import { UnavailableError } from '../../../../src/platform/errors.ts';
import { makeKey, type SigningKey } from '../../../support/admin-key.ts';
import {
  admin,
  receivingWorld,
  replyMail,
  signedMail,
  type BuiltPackage,
  type ReceivingWorld,
} from '../../../support/receiving-world.ts';

const second = 'second@example.org';
let key: SigningKey;
let world: ReceivingWorld;

beforeAll(() => {
  key = makeKey('Admin <admin@example.org>');
});
afterAll(() => key.remove());
beforeEach(async () => {
  world = await receivingWorld(key.publicKey);
});
afterEach(() => world.close());

// The log mails of experimental go to two admins and a list.
const built = (result: 'successful' | 'attempted'): Promise<BuiltPackage> =>
  world.built('greet', { distribution: 'experimental', result });

const ofSecond = (one: BuiltPackage): BuiltPackage => {
  const letter = lettersOfBuild(world.ports.db, one.build).find(({ recipient }) => recipient === second);
  if (letter === undefined) throw new Error('no copy');
  return { ...one, replyTo: `buildd+${makeToken(world.ports.secret, letter)}@example.org` };
};

const said = (): string[] => world.sent().map((mail) => `${mail.to}: ${mail.text.replace(/\s+/g, ' ')}`);

describe('the copies of one log mail', () => {
  it('are all answered by the first answer; the next admin hears what it was, whose and when', async () => {
    const greet = await built('attempted');
    world.setTime(new Date('2026-11-20T09:15:02Z'));
    await world.receive(replyMail(greet, { body: 'retry' }));
    await world.receive(replyMail(ofSecond(greet), { body: 'fail does not compile', from: second }));
    expect(said().join('\n')).toContain(
      `${second}: Your mail could not be processed: the mail was answered already: "retry" by ${admin}, 2026-11-20 09:15 UTC`,
    );
    expect((await world.record('greet', 'experimental'))?.state).toBe('Build-Attempted');
  });

  it('are answered by a signed .changes, too, whoever sends it', async () => {
    const greet = await built('successful');
    await world.receive(
      replyMail(greet, { body: key.clearsign(greet.changes), from: 'phone@example.org', to: 'buildd@example.org' }),
    );
    expect(world.list('upload')).toHaveLength(3);
    await world.receive(replyMail(ofSecond(greet), { body: 'purge', from: second }));
    expect(said().join('\n')).toContain(`answered already: "changes" by the key ${key.fingerprint}`);
  });

  it('of all distributions that one signed .changes is for are answered by it', async () => {
    const first = await world.built('greet', { distributions: 'sid stable' });
    const other = await world.built('greet', { distribution: 'stable', distributions: 'sid stable' });
    await world.receive(replyMail(first, { body: key.clearsign(first.changes) }));
    await world.receive(replyMail(other, { body: 'retry' }));
    expect(said().join('\n')).toContain('answered already: "changes" by admin@example.org');
    expect(world.read('build/REDO')).toBe('');
  });

  it('that are answered take not-for-us and a bug number with a signature over subject and recipient', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    expect(world.list('upload')).toHaveLength(3);
    await world.receive(signedMail(key, greet.subject, 'upload-rem', greet.replyTo));
    expect(world.list('upload')).toEqual([]);
    const hello = await world.built('hello', { result: 'attempted' });
    await world.receive(replyMail(hello, { body: 'fail no' }));
    await world.receive(signedMail(key, hello.subject, 'fail (see #123456)', hello.replyTo));
    expect((await world.record('hello'))?.failed).toBe('no\n(see #123456)');
    await world.receive(signedMail(key, hello.subject, 'not-for-us', hello.replyTo));
    expect((await world.record('hello'))?.state).toBe('Not-For-Us');
  });

  it('of an approved upload take what changes nothing, and upload-rem, by token; nothing else', async () => {
    const greet = await built('successful');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    const copy = ofSecond(greet);
    world.sent();
    for (const body of ['help', 'status', 'undo']) await world.receive(replyMail(copy, { body, from: second }));
    expect(said()).toEqual([
      expect.stringContaining('Answers to "Log for STATUS'),
      expect.stringContaining('is Built since'),
      expect.stringContaining('"undo" cannot be done yet.'),
    ]);
    for (const body of ['retry', 'fail no', 'fail (see #123456)', 'purge', 'not-for-us', 'gibberish'])
      await world.receive(replyMail(copy, { body, from: second }));
    for (const line of said()) expect(line).toContain('the mail was answered already: "changes"');
    expect(world.list('upload')).toHaveLength(3);
    expect(await world.record('greet', 'experimental')).toMatchObject({ state: 'Built' });
    world.setTime(new Date(Date.now() + 15 * 86_400_000));
    await world.receive(replyMail(copy, { body: 'upload-rem', from: second }));
    expect(world.list('upload')).toHaveLength(3);
  });

  it('of an upload that was called back can be answered again, in each of its distributions', async () => {
    const first = await world.built('greet', { distributions: 'sid stable' });
    const other = await world.built('greet', { distribution: 'stable', distributions: 'sid stable' });
    await world.receive(replyMail(first, { body: key.clearsign(first.changes) }));
    await world.receive(replyMail(first, { body: 'upload-rem' }));
    expect([...world.list('upload'), ...world.list('upload-stable')]).toEqual([]);
    await world.receive(replyMail(first, { body: 'fail wrong maintainer field' }));
    expect(await world.record('greet')).toMatchObject({ state: 'Failed', failed: 'wrong maintainer field' });
    await world.receive(replyMail(other, { body: 'retry' }));
    expect(world.read('build/REDO')).toBe('greet_1.0 stable\n');
  });

  it('of an upload that the store has as uploaded stay answered when it is called back', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    const names = { package: 'greet', version: '1.0', distribution: 'sid', architecture: 'amd64' };
    const rest = { user: 'builder', claim: null, message: null, buildPriority: null };
    await world.ports.store.report({ action: 'uploaded', ...names, ...rest }, 'by-hand');
    await world.receive(replyMail(greet, { body: 'upload-rem' }));
    expect(world.list('upload')).toEqual([]);
    expect(lettersOfBuild(world.ports.db, greet.build).map((one) => one.answered?.keyword)).toEqual(['changes']);
  });

  it('that were approved again stay so where an earlier upload-rem is finished only now', async () => {
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    const answered = (): (string | undefined)[] =>
      lettersOfBuild(world.ports.db, greet.build).map((one) => one.answered?.keyword);
    const approval = lettersOfBuild(world.ports.db, greet.build)[0]?.answered?.intent ?? 0;
    reopenLetters(world.ports.db, greet.build, approval - 1);
    expect(answered()).toEqual(['changes']);
    reopenLetters(world.ports.db, greet.build, approval + 1);
    expect(answered()).toEqual([undefined]);
  });

  it('that are answered take nothing else, however well it is signed', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'retry' }));
    for (const body of ['fail does not compile', 'giveback', 'purge', 'dep-wait libfoo-dev'])
      await world.receive(signedMail(key, greet.subject, body, greet.replyTo));
    expect((await world.record('greet'))?.state).toBe('Build-Attempted');
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    expect(said()).toHaveLength(4);
  });

  it('can be answered again after the store refused, even where it did so only after a crash', async () => {
    const greet = await built('attempted');
    const away = vi.spyOn(world.ports.store, 'report').mockRejectedValue(new UnavailableError('the store is away'));
    await world.receive(replyMail(greet, { body: 'fail no' }));
    expect(lettersOfBuild(world.ports.db, greet.build).map((one) => one.answered?.keyword)).toEqual(['fail', 'fail', 'fail']); // prettier-ignore
    // Whoever began it is dead, and the next one finishes it.
    world.ports.db.sql.prepare('update intents set owner = ?').run('1 none 1');
    away.mockResolvedValue({ kind: 'refused', reason: 'greet: not now' });
    await world.queue.run();
    away.mockRestore();
    const [refusal] = world.sent();
    expect(refusal?.text).toContain('Your mail could not be processed:\ngreet: not now');
    // The refusal itself can be answered, too.
    expect(refusal?.raw).toContain(`Reply-To: ${greet.replyTo}`);
    expect(lettersOfBuild(world.ports.db, greet.build).map((one) => one.answered)).toEqual([null, null, null]);
    await world.receive(replyMail(ofSecond(greet), { body: 'fail still', from: second }));
    expect((await world.record('greet', 'experimental'))?.failed).toBe('still');
  });
});

describe('acknowledge = true', () => {
  beforeEach(async () => {
    await world.close();
    world = await receivingWorld(key.publicKey, 'acknowledge = true');
  });

  it('confirms to who sent it, below its mail, and to the other admin, below the log mail', async () => {
    const greet = await built('attempted');
    await world.receive(replyMail(ofSecond(greet), { body: 'fail no', from: second }));
    const sent = world.sent();
    expect(sent.map((mail) => mail.to).sort()).toEqual([admin, second]);
    const own = lettersOfBuild(world.ports.db, greet.build).find(({ recipient }) => recipient === admin);
    const toAdmin = sent.find((mail) => mail.to === admin);
    expect(toAdmin?.raw).toContain(`In-Reply-To: ${own?.messageId ?? 'none'}\r\n`);
    expect(toAdmin?.text).toContain(`The answer came from ${second}.`);
    expect(sent.find((mail) => mail.to === second)?.raw).toMatch(/^In-Reply-To: <reply-\d+@example\.org>\r$/m);
  });

  it('confirms nothing that the store refused', async () => {
    const greet = await built('attempted');
    const refused = vi
      .spyOn(world.ports.store, 'report')
      .mockResolvedValue({ kind: 'refused', reason: 'greet: not now' });
    await world.receive(replyMail(greet, { body: 'fail no' }));
    refused.mockRestore();
    expect(said()).toEqual([expect.stringMatching(/^admin@example\.org: Your mail could not be processed: greet: not now/)]); // prettier-ignore
  });

  it('confirms a signed keyword to the sender alone where nobody else has the log mail', async () => {
    const greet = await world.built('greet');
    await world.receive(signedMail(key, greet.subject, 'purge'));
    expect(said()).toEqual([expect.stringContaining('"purge" for greet_1.0 (dist=sid) on amd64 is done.')]);
  });

  it('sends nothing to the sender of a mail that may not be answered', async () => {
    const greet = await built('attempted');
    await world.receive(replyMail(greet, { body: 'fail no', headers: 'List-Id: <l.example.org>' }));
    expect((await world.record('greet', 'experimental'))?.state).toBe('Failed');
    expect(world.sent().map((mail) => mail.to)).toEqual([second]);
  });
});
