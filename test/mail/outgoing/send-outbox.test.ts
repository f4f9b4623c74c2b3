import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enqueue, nextDueTime, unsentCount } from '../../../src/home/outbox.ts';
import type { Delivery, Transport } from '../../../src/mail/outgoing/delivery.ts';
import { sendOutbox, type OutboxRun } from '../../../src/mail/outgoing/send-outbox.ts';
import { tryLock } from '../../../src/platform/lock.ts';
import { now as start, outgoingWorld, type OutgoingWorld } from '../../support/outgoing-world.ts';

let world: OutgoingWorld;
let time: number;
let logged: string[];
beforeEach(() => {
  world = outgoingWorld();
  time = start.getTime();
  logged = [];
});
afterEach(() => world.remove());

const now = (): Date => new Date(time);
const minutesLater = (minutes: number): void => void (time += minutes * 60_000);

const put = (name: string, to: readonly string[] = [`${name}@example.org`]): void =>
  enqueue(
    world.db,
    {
      messageId: `<${name}@example.org>`,
      from: 'buildd@example.org',
      to,
      raw: Buffer.from(`Subject: ${name}\r\n\r\n`),
    },
    now(),
  );

/** A way that answers as it is told, and remembers what it delivered. */
const way = (answer: (id: string) => Delivery): Transport & { readonly tried: string[] } => {
  const tried: string[] = [];
  return {
    tried,
    deliver: ({ messageId, to }) => {
      tried.push(`${messageId.slice(1, messageId.indexOf('@'))}>${to.join(',')}`);
      return Promise.resolve(answer(messageId.slice(1, messageId.indexOf('@'))));
    },
  };
};
const dead = (): Delivery => ({ kind: 'unreachable', reason: 'connect ECONNREFUSED' });
const good = (): Delivery => ({ kind: 'delivered' });
const send = (transport: Transport): Promise<OutboxRun> =>
  sendOutbox(world.db, transport, { now }, { log: (line) => void logged.push(line) }, world.paths);

describe('the outbox', () => {
  it('is sent in order, once', async () => {
    for (const name of ['one', 'two', 'three']) put(name);
    const open = way(good);
    expect(await send(open)).toEqual({ sent: 3, failed: 0, next: null });
    expect(open.tried.map((line) => line.split('>')[0])).toEqual(['one', 'two', 'three']);
    expect(await send(open)).toEqual({ sent: 0, failed: 0, next: null });
    put('one');
    expect(unsentCount(world.db)).toBe(0);
  });

  it('waits for a dead mail server with growing pauses, at most four hours, and loses nothing', async () => {
    put('one');
    const closed = way(dead);
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const { failed, next } = await send(closed);
      expect(failed).toBe(1);
      pauses.push(((next?.getTime() ?? 0) - time) / 60_000);
      time = next?.getTime() ?? 0;
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240]);
    expect(logged[0]).toContain(
      'mail cannot be sent (1 waiting), next attempt at 2026-11-20T09:16:02Z: connect ECONNREFUSED',
    );
    expect(await send(way(good))).toEqual({ sent: 1, failed: 0, next: null });
  });

  it('says how many mails wait in all, those that are not due included', async () => {
    put('one');
    await send(way(dead));
    put('two');
    await send(way(dead));
    expect(logged[1]).toContain('(2 waiting)');
  });

  it('costs a dead mail server one attempt, however many mails wait', async () => {
    for (let n = 0; n < 50; n += 1) put(`mail${n}`);
    const closed = way(dead);
    expect(await send(closed)).toMatchObject({ sent: 0, failed: 1 });
    expect(closed.tried).toHaveLength(1);
    expect(logged[0]).toContain('(50 waiting)');
    expect(unsentCount(world.db)).toBe(50);
    expect(await send(closed)).toMatchObject({ sent: 0, failed: 0 });
    minutesLater(1);
    const open = way(good);
    expect(await send(open)).toEqual({ sent: 50, failed: 0, next: null });
  });

  it('sends at once what waited for the mail server when a newer mail gets through', async () => {
    put('old');
    for (let attempt = 0; attempt < 8; attempt += 1) time = (await send(way(dead))).next?.getTime() ?? 0;
    await send(way(dead));
    minutesLater(1);
    put('new');
    const open = way(good);
    expect(await send(open)).toEqual({ sent: 2, failed: 0, next: null });
    expect(open.tried.map((line) => line.split('>')[0])).toEqual(['new', 'old']);
  });

  it('tries again only the recipients who were refused', async () => {
    put('one', ['a@example.org', 'b@example.org', 'c@example.org']);
    const partly = way(() => ({ kind: 'refused', recipients: ['b@example.org'], reason: '550 no such user' }));
    expect(await send(partly)).toEqual({ sent: 0, failed: 1, next: new Date(time + 60_000) });
    minutesLater(1);
    const open = way(good);
    await send(open);
    expect(open.tried).toEqual(['one>b@example.org']);
  });

  it('does not let one mail that no server takes hold up the others', async () => {
    put('poison');
    put('fine');
    const picky = way((id) => (id === 'poison' ? dead() : good()));
    await send(picky);
    minutesLater(1);
    put('finer');
    await send(picky);
    expect(unsentCount(world.db)).toBe(1);
    expect(nextDueTime(world.db)?.getTime()).toBeGreaterThan(time);
  });

  it('is left to another process that sends, without waiting for it', async () => {
    put('one');
    const held = tryLock(world.paths.outboxLock);
    const open = way(good);
    expect(await send(open)).toEqual({ sent: 0, failed: 0, next: now() });
    expect(open.tried).toEqual([]);
    if (held.kind === 'locked') held.lock.release();
    expect((await send(open)).sent).toBe(1);
  });

  it('is sent although a sender that was killed left its lock', async () => {
    put('one');
    writeFileSync(world.paths.outboxLock, '999999999 1 00000000-0000-0000-0000-000000000000\n');
    expect((await send(way(good))).sent).toBe(1);
  });

  it('has the mails that come while it is being sent', async () => {
    put('one');
    const open = way((id) => {
      if (id === 'one') put('two');
      return good();
    });
    expect(await send(open)).toEqual({ sent: 2, failed: 0, next: null });
  });

  it('lets go of its lock when the database cannot be written', async () => {
    put('one');
    const breaking = way(() => {
      world.db.sql.exec('drop table outbox');
      return good();
    });
    await expect(send(breaking)).rejects.toThrow('no such table');
    expect(tryLock(world.paths.outboxLock).kind).toBe('locked');
  });
});
