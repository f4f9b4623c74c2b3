// Answers to the log mail of a build that was given back: the package is in the queue again, the answer still counts.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answersFor } from '../../../../src/mail/outgoing/answers.ts';
import { openStore } from '../../../../src/wanna-build/store/open.ts';
import { makeKey, type SigningKey } from '../../../support/admin-key.ts';
import { textOf } from '../../../support/outgoing-world.ts';
import { receivingWorld, replyMail, signedMail, type ReceivingWorld } from '../../../support/receiving-world.ts';

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

const state = async (): Promise<string | undefined> => (await world.record('greet'))?.state;
const said = (): string => world.sent().map((mail) => mail.text.replace(/\s+/g, ' ')).join('\n'); // prettier-ignore

// What a merge with an installability check does.
const uninstallable = async (): Promise<void> => {
  const store = await openStore('sqlite:wanna-build.db', world.root);
  await store.write(async (db) => {
    await db.updateTable('packages').set({ state: 'BD-Uninstallable' }).execute();
  });
  await store.close();
};

describe.each(['given-back', 'failed'] as const)('the log mail of a build that ended as %s', (result) => {
  it('takes dep-wait, as the mail itself suggests where a build dependency is missing', async () => {
    const greet = await world.built('greet', { result });
    expect(await state()).toBe('Needs-Build');
    await world.receive(replyMail(greet, { body: 'dep-wait libneverthere-dev (>= 2.0)' }));
    expect(await world.record('greet')).toMatchObject({ state: 'Dep-Wait', depends: 'libneverthere-dev (>= 2.0)' });
    expect(world.read('build/PURGE')).toBe(`greet_1.0-${greet.build}\n`);
    expect(world.sent()).toEqual([]);
  });

  it('takes fail with its reason', async () => {
    const greet = await world.built('greet', { result });
    await world.receive(replyMail(greet, { body: 'fail needs a library that will never come' }));
    expect(await world.record('greet')).toMatchObject({
      state: 'Failed',
      failed: 'needs a library that will never come',
    });
  });

  it('takes retry: the line in REDO can be taken at once', async () => {
    const greet = await world.built('greet', { result });
    await world.receive(replyMail(greet, { body: 'retry' }));
    expect(world.read('build/REDO')).toBe('greet_1.0 sid\n');
    const [taken] = await world.ports.store.take(['greet_1.0'], 'sid', 'amd64', 'builder');
    expect(taken?.status).toBe('ok');
  });

  it('says to giveback that it is back already, and can still be answered', async () => {
    const greet = await world.built('greet', { result });
    await world.receive(replyMail(greet, { body: 'giveback' }));
    expect(said()).toContain('greet_1.0 is given back already: it is Needs-Build in sid on amd64.');
    await world.receive(replyMail(greet, { body: 'fail no' }));
    expect(await state()).toBe('Failed');
  });
});

describe('the log mail of a build that was given back', () => {
  it('takes its own suggestion, copied as it stands, and offers no answer that is refused', async () => {
    const log =
      'dpkg-checkbuilddeps: error: Unmet build dependencies: libneverthere-dev (>= 2.1)\n\n| Summary                    |\n+----+\n\nFail-Stage: install-deps\nStatus: given-back\n';
    const greet = await world.built('greet', { result: 'given-back', log });
    const [file = ''] = world.list('sent').filter((name) => !name.startsWith('.'));
    const mail = textOf(Buffer.from(world.read(`sent/${file}`)));
    const suggested = mail.slice(mail.indexOf('Suggested answer:\n') + 18, mail.indexOf('\nAnswers:'));
    expect(suggested.trim()).toBe('dep-wait libneverthere-dev (>= 2.1)');
    await world.receive(replyMail(greet, { body: suggested }));
    expect(await world.record('greet')).toMatchObject({ state: 'Dep-Wait', depends: 'libneverthere-dev (>= 2.1)' });
    for (const { form } of answersFor('given-back').filter((one) => one.form !== 'dep-wait LIST')) {
      const name = form.split(' ')[0] ?? '';
      const one = await world.built(name, { result: 'given-back' });
      await world.receive(replyMail(one, { body: form }));
      expect([form, said()]).not.toEqual([form, expect.stringContaining('could not be processed')]);
    }
  });

  it('takes dep-wait and fail where the build dependencies cannot be installed', async () => {
    for (const [body, end] of [
      ['dep-wait libneverthere-dev', 'Dep-Wait'],
      ['fail no', 'Failed'],
    ] as const) {
      const name = end.toLowerCase();
      const one = await world.built(name, { result: 'given-back' });
      await uninstallable();
      await world.receive(replyMail(one, { body }));
      expect((await world.record(name))?.state).toBe(end);
    }
  });

  it('says to retry why it would not be built, rather than lose the line of REDO', async () => {
    const greet = await world.built('greet', { result: 'given-back' });
    await uninstallable();
    await world.receive(replyMail(greet, { body: 'retry' }));
    expect(world.read('build/REDO')).toBe('');
    expect(said()).toContain('greet_1.0 is BD-Uninstallable in sid on amd64: its build dependencies');
  });

  it('signed with subject and recipient it needs no token', async () => {
    const greet = await world.built('greet', { result: 'given-back' });
    await world.receive(signedMail(key, greet.subject, 'dep-wait libneverthere-dev'));
    expect(await state()).toBe('Dep-Wait');
  });

  it('is refused once somebody took the package since, even if it was given back again', async () => {
    const greet = await world.built('greet', { result: 'given-back' });
    const [taken] = await world.ports.store.take(['greet_1.0'], 'sid', 'amd64', 'somebody');
    await world.receive(replyMail(greet, { body: 'fail old news' }));
    expect(said()).toContain('greet_1.0 is Building in sid on amd64 by somebody, not by builder.');
    if (taken?.status !== 'ok') throw new Error('not taken');
    await world.ports.store.report(
      {
        action: 'give-back',
        package: 'greet',
        version: '1.0',
        distribution: 'sid',
        architecture: 'amd64',
        user: 'somebody',
        claim: taken.claim,
        message: null,
        buildPriority: null,
      },
      'by-hand',
    );
    await world.receive(replyMail(greet, { body: 'fail old news' }));
    expect(said()).toContain('greet_1.0 is Needs-Build in sid on amd64 since');
    expect(await state()).toBe('Needs-Build');
  });

  it('does not open the queue for the log mail of any other build', async () => {
    const greet = await world.built('greet', { result: 'attempted' });
    await world.ports.store.report(
      {
        action: 'give-back',
        package: 'greet',
        version: '1.0',
        distribution: 'sid',
        architecture: 'amd64',
        user: 'builder',
        claim: null,
        message: null,
        buildPriority: null,
      },
      'by-hand',
    );
    await world.receive(replyMail(greet, { body: 'fail no' }));
    expect(said()).toContain('greet_1.0 is Needs-Build in sid on amd64 since');
    expect(await state()).toBe('Needs-Build');
  });
});
