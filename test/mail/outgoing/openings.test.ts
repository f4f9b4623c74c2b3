// What an answer to a mail that cannot be obeyed offers: seen by who gets it.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeKey, type SigningKey } from '../../support/admin-key.ts';
import {
  admin,
  receivingWorld,
  replyMail,
  type BuiltPackage,
  type ReceivingWorld,
} from '../../support/receiving-world.ts';

let key: SigningKey;
let world: ReceivingWorld;
beforeAll(() => void (key = makeKey('Admin <admin@example.org>')));
afterAll(() => key.remove());
afterEach(() => world.close());

const open = async (admins?: string): Promise<void> => {
  world = await receivingWorld(key.publicKey, '', admins);
};

/** The answers that the refusal of this reply offers. */
const refusal = async (
  greet: BuiltPackage,
  body: string,
): Promise<{ offered: string[]; text: string; replyTo: string }> => {
  world.sent();
  await world.receive(replyMail(greet, { body }));
  const [mail] = world.sent();
  const text = mail?.text ?? '';
  expect(text).toMatch(/^Your mail could not be processed:/);
  const list = /What is possible.*:\n((?: {2}\S.*\n)*)/.exec(text)?.[1] ?? '';
  const offered = list.split('\n').flatMap((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? []);
  return { offered, text, replyTo: /^Reply-To: (\S+)/m.exec(mail?.raw ?? '')?.[1] ?? '' };
};

describe('a refusal', () => {
  it('offers only help where the mail was answered and no other waits for an answer', async () => {
    await open();
    const greet = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(greet, { body: 'retry' }));
    const { offered, text, replyTo } = await refusal(greet, 'fail no');
    expect(offered).toEqual(['help']);
    expect(text).not.toContain('The mail to answer');
    expect(replyTo).toBe('buildd@example.org');
  });

  it('offers to call an approved upload back', async () => {
    await open();
    const greet = await world.built('greet');
    await world.receive(replyMail(greet, { body: key.clearsign(greet.changes) }));
    expect((await refusal(greet, 'retry')).offered).toEqual(['upload-rem', 'manual', 'help']);
  });

  it('names the newest log mail of the package where that is the one to answer', async () => {
    await open();
    const old = await world.built('greet', { result: 'attempted' });
    await world.receive(replyMail(old, { body: 'giveback' }));
    const greet = await world.built('greet', { result: 'attempted' });
    const { offered, text, replyTo } = await refusal(old, 'fail no');
    expect(text).toMatch(
      /\nThe mail to answer is that of 20\d\d-\d\d-\d\dT\S+:\n {2}Log for attempted build of greet_1\.0 on amd64 \(dist=sid\)\n/,
    );
    // It is about the same version, so that an answer to the refusal is one to that mail.
    expect(offered).toContain('fail');
    expect(replyTo).toBe(greet.replyTo);
    expect((await refusal(greet, 'gibberish')).text).not.toContain('The mail to answer');
  });

  it("offers nothing that this admin's roles do not allow", async () => {
    await open(
      `[[auth.admins]]\naddresses = ["${admin}"]\nfingerprints = ["${key.fingerprint}"]\nroles = ["retry", "give-back"]\n`,
    );
    const greet = await world.built('greet', { result: 'attempted' });
    expect((await refusal(greet, 'purge')).offered).toEqual(['retry', 'giveback', 'help']);
  });
});
