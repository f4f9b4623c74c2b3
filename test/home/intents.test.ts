import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { beginBuild } from '../../src/home/builds.ts';
import { carryOutIntent, type CarryOutPorts } from '../../src/home/carry-out.ts';
import { openHomeDatabase } from '../../src/home/database.ts';
import type { Effect } from '../../src/home/effect.ts';
import { adoptOpenIntents, openIntent, type IntentDraft } from '../../src/home/intent.ts';
import { markFailed, markSent, nextDue, unsentCount } from '../../src/home/outbox.ts';
import { ensureHomeDirectories, pathsOf } from '../../src/home/paths.ts';
import { noteSignature, wasActedOn } from '../../src/home/replay.ts';
import type { StoreAnswer } from '../../src/home/store-port.ts';
import { UnavailableError } from '../../src/platform/errors.ts';
import { formatIdentity, identityOf } from '../../src/platform/process-identity.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const now = new Date('2026-11-20T10:00:00Z');

const world = (answer: () => StoreAnswer = () => ({ kind: 'done', claim: 1, notes: [] })) => {
  const paths = pathsOf(temporaryDirectory());
  ensureHomeDirectories(paths);
  const db = openHomeDatabase(paths.homeDb);
  const asked: string[] = [];
  const ports: CarryOutPorts = {
    paths,
    db,
    store: {
      report: (report, intentId) => {
        asked.push(`${report.action} ${report.package} ${intentId === `${db.homeId}-1` ? 'intent 1' : intentId}`);
        return Promise.resolve(answer());
      },
    },
    render: (request, intent, refusal) =>
      Promise.resolve({
        mails: [
          {
            messageId: `<${intent.number}.${request.kind}@example.org>`,
            from: '',
            to: ['admin@example.org'],
            raw: Buffer.from(`${request.kind} ${refusal ?? 'fine'}`),
          },
        ],
        letters: [],
      }),
    now: () => now,
  };
  return { paths, db, ports, asked };
};

const subject = { package: 'hello', version: '2.10-3', distribution: 'sid', architecture: 'amd64', claim: 1 };
const report: Effect = {
  kind: 'store',
  report: { action: 'give-back', ...subject, user: 'me', message: null, buildPriority: null },
};
const redo: Effect = { kind: 'redo-add', package: 'hello', version: '2.10-3', distribution: 'sid', binNmu: null };
const draft = (...effects: Effect[]): IntentDraft => ({
  what: 'test',
  subject,
  effects,
  mails: [{ kind: 'notice', subject: 'done', text: '' }],
  refusalMails: [
    { kind: 'answer', to: 'admin@example.org', text: '', answered: { messageId: null, subject: '', text: [] } },
  ],
});

describe('an intent', () => {
  it('is carried out in order, and its mail is in the outbox when it is closed', async () => {
    const { db, ports, paths, asked } = world();
    expect(await carryOutIntent(openIntent(db, draft(report, redo), now), ports)).toBe('done');
    expect(asked).toEqual(['give-back hello intent 1']);
    expect(readFileSync(paths.redo, 'utf8')).toBe('hello_2.10-3 sid\n');
    expect(nextDue(db, now)?.messageId).toBe('<1.notice@example.org>');
  });

  it('stops at a refusal of the store: nothing after it is done, and the refusal is mailed', async () => {
    const { db, ports, paths } = world(() => ({ kind: 'refused', reason: 'hello: not taken by you' }));
    expect(await carryOutIntent(openIntent(db, draft(report, redo), now), ports)).toBe('refused');
    expect(existsSync(paths.redo)).toBe(false);
    expect(nextDue(db, now)).toMatchObject({ messageId: '<1.answer@example.org>' });
    expect(nextDue(db, now)?.raw.toString()).toBe('answer hello: not taken by you');
  });

  it('stays open while the store is away, and is finished later with one mail', async () => {
    let away = true;
    const { db, ports } = world(() => {
      if (away) throw new UnavailableError('the store is away');
      return { kind: 'done', claim: 1, notes: [] };
    });
    const intent = openIntent(db, draft(report), now);
    expect(await carryOutIntent(intent, ports)).toBe('open');
    expect(unsentCount(db)).toBe(0);
    away = false;
    const [adopted] = adoptOpenIntents(db, new Set([intent.number]));
    if (adopted === undefined) throw new Error('it was not open any more');
    expect(await carryOutIntent(adopted, ports)).toBe('done');
    expect(await carryOutIntent(adopted, ports)).toBe('done');
    expect(unsentCount(db)).toBe(1);
  });

  it('of a killed process is taken over by exactly one of those who look', async () => {
    const { db } = world();
    const { number } = openIntent(db, draft(), now);
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    const owner = identityOf(other.pid ?? 0);
    if (owner === null) throw new Error('sleep did not start');
    db.sql.prepare('update intents set owner = ?').run(formatIdentity(owner));
    expect(adoptOpenIntents(db)).toEqual([]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(adoptOpenIntents(db).map((intent) => intent.number)).toEqual([number]);
    expect(adoptOpenIntents(db)).toEqual([]);
  });

  it('of a live process is left alone', () => {
    const { db } = world();
    openIntent(db, draft(redo), now);
    expect(adoptOpenIntents(db)).toEqual([]);
  });

  it('that is found open again does not put into REDO what a daemon has built meanwhile', async () => {
    const { db, ports, paths } = world();
    const intent = openIntent(db, draft(redo), now);
    beginBuild(
      db,
      { ...subject, builderUser: 'me', binNmu: null, take: { mailLogs: null, suppressSuccessfulLogs: false } },
      new Date('2026-11-20T10:00:01Z'),
    );
    await carryOutIntent(intent, ports);
    expect(existsSync(paths.redo)).toBe(false);
  });

  it('with a file name that leads out of the home is refused and changes nothing', async () => {
    const { db, ports } = world();
    const effect: Effect = { kind: 'unqueue', queues: ['../elsewhere'], changes: 'hello_1_amd64.changes' };
    expect(await carryOutIntent(openIntent(db, draft(effect), now), ports)).toBe('refused');
    expect(nextDue(db, now)?.raw.toString()).toBe('answer "../elsewhere" is not the name of a queue directory');
  });
});

describe('the outbox', () => {
  it('tries a mail again after 1, 2, 4 … minutes, at most 4 hours, and never gives it up', async () => {
    const { db, ports } = world();
    await carryOutIntent(openIntent(db, draft(), now), ports);
    const pauses: number[] = [];
    let at = now;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const mail = nextDue(db, at);
      if (mail === null) throw new Error('the mail is gone');
      const next = markFailed(db, mail, 'connection refused', at);
      pauses.push((next.getTime() - at.getTime()) / 60_000);
      expect(nextDue(db, at)).toBeNull();
      at = next;
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
    const mail = nextDue(db, at);
    if (mail === null) throw new Error('the mail is gone');
    markSent(db, mail.number, at);
    expect([nextDue(db, at), unsentCount(db)]).toEqual([null, 0]);
  });
});

describe('the replay table', () => {
  it('knows a signature once it was acted on, also in another process', () => {
    const { db, paths } = world();
    const key = { fingerprint: 'A'.repeat(40), signedAt: '2026-11-20T09:00:00Z', sha256: 'b'.repeat(64) };
    expect(wasActedOn(db, key)).toBe(false);
    expect(noteSignature(db, key, 1)).toBe(true);
    expect(noteSignature(db, key, 2)).toBe(false);
    expect(wasActedOn(openHomeDatabase(paths.homeDb), key)).toBe(true);
  });
});
