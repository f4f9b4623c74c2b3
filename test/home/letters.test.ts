import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  insertLetter,
  letterByMessageId,
  lettersOfBuild,
  lettersTo,
  markAnswered,
  reviveLetters,
  type GivenAnswer,
  type Letter,
} from '../../src/home/letters.ts';
import { outgoingWorld, type OutgoingWorld } from '../support/outgoing-world.ts';

let world: OutgoingWorld;
beforeEach(() => {
  world = outgoingWorld();
});
afterEach(() => world.remove());

const letter = (build: number, more: Partial<Letter> = {}): Letter => ({
  messageId: `<b.${build}-${more.recipient ?? 'admin@example.org'}@example.org>`,
  kind: 'log',
  build,
  recipient: 'admin@example.org',
  authorises: true,
  claim: 3,
  package: 'greet',
  version: '1.0',
  distribution: 'sid',
  architecture: 'amd64',
  created: new Date('2026-11-20T09:15:02Z'),
  answered: null,
  ...more,
});

const answer = (keyword: string, intent = 7): GivenAnswer => ({
  keyword,
  at: new Date('2026-11-20T10:00:00Z'),
  by: 'admin@example.org',
  intent,
});

describe('letters', () => {
  it('are read as they were written', () => {
    insertLetter(world.db, letter(1, { claim: null, authorises: false }));
    expect(letterByMessageId(world.db, '<b.1-admin@example.org@example.org>')).toEqual(
      letter(1, { claim: null, authorises: false }),
    );
    expect(letterByMessageId(world.db, '<b.2-admin@example.org@example.org>')).toBeNull();
  });

  it('are written once, however often the mail is rendered', () => {
    insertLetter(world.db, letter(1));
    markAnswered(world.db, 1, 'log', answer('fail'));
    insertLetter(world.db, letter(1));
    expect(lettersOfBuild(world.db, 1).map((one) => one.answered?.keyword)).toEqual(['fail']);
  });

  it('die together: the first answer kills the tokens of all copies, a second one finds none alive', () => {
    insertLetter(world.db, letter(1));
    insertLetter(world.db, letter(1, { recipient: 'other@example.org' }));
    insertLetter(world.db, letter(2));
    expect(markAnswered(world.db, 1, 'log', answer('retry'))).toBe(true);
    expect(lettersOfBuild(world.db, 1).map((one) => one.answered)).toEqual([answer('retry'), answer('retry')]);
    expect(lettersOfBuild(world.db, 2).map((one) => one.answered)).toEqual([null]);
    expect(markAnswered(world.db, 1, 'log', answer('fail'))).toBe(false);
    expect(lettersOfBuild(world.db, 1)[0]?.answered?.keyword).toBe('retry');
  });

  it('live again, all copies, when the intent of their answer was refused, and only those', () => {
    insertLetter(world.db, letter(1));
    insertLetter(world.db, letter(1, { recipient: 'other@example.org' }));
    insertLetter(world.db, letter(2));
    markAnswered(world.db, 1, 'log', answer('retry', 7));
    markAnswered(world.db, 2, 'log', answer('retry', 8));
    reviveLetters(world.db, 7);
    expect(lettersOfBuild(world.db, 1).map((one) => one.answered)).toEqual([null, null]);
    expect(lettersOfBuild(world.db, 2)).toMatchObject([{ answered: { intent: 8 } }]);
  });

  it('leave those of another kind alone', () => {
    insertLetter(world.db, letter(1, { kind: 'should-build' }));
    expect(markAnswered(world.db, 1, 'log', answer('retry'))).toBe(false);
    expect(lettersOfBuild(world.db, 1)[0]?.answered).toBeNull();
  });

  it('make a thread for one recipient, package and distribution, newest first', () => {
    for (const build of [1, 2, 3]) insertLetter(world.db, letter(build));
    insertLetter(world.db, letter(4, { recipient: 'other@example.org' }));
    insertLetter(world.db, letter(5, { distribution: 'trixie' }));
    insertLetter(world.db, letter(6, { package: 'hello' }));
    const key = { package: 'greet', distribution: 'sid', recipient: 'admin@example.org' };
    expect(lettersTo(world.db, key, 3, 10).map((one) => one.build)).toEqual([2, 1]);
    expect(lettersTo(world.db, key, 9, 2).map((one) => one.build)).toEqual([3, 2]);
    expect(lettersTo(world.db, key, 100, 1)[0]?.build).toBe(3);
    expect(lettersTo(world.db, { ...key, recipient: 'nobody@example.org' }, 100, 1)).toEqual([]);
  });
});
