import { describe, expect, it } from 'vitest';
import { createControl } from '../../src/daemon/control.ts';
import { createMailer } from '../../src/daemon/mailer.ts';
import { restSeconds, type RestState } from '../../src/daemon/rest.ts';
import { systemClock } from '../../src/platform/clock.ts';

const now = new Date('2026-11-20T10:00:00Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const seconds = (changed: Partial<RestState>): number =>
  restSeconds({
    idleSleepTime: 300,
    space: 'enough',
    pausedUntil: null,
    nextMail: null,
    openIntents: 0,
    now,
    ...changed,
  });

describe('a daemon with nothing to do sleeps', () => {
  it.each([
    ['idle_sleep_time', {}, 300],
    ['a day at most', { idleSleepTime: 10_000_000 }, 86_400],
    ['ten minutes for free space', { space: 'low' } as const, 600],
    ['until its pause is over', { pausedUntil: later(100) }, 100],
    ['not longer than usual in a pause', { pausedUntil: later(3600) }, 300],
    ['until a mail is due', { nextMail: later(60) }, 60],
    ['a minute while something could not be reported', { openIntents: 1 }, 60],
    ['a second, when all is due', { nextMail: later(-5), openIntents: 2 }, 1],
  ])('%s', (_what, changed, expected) => {
    expect(seconds(changed)).toBe(expected);
  });
});

describe('the control', () => {
  const control = () => createControl((time, signal) => systemClock.sleep(time, signal));

  it('remembers a wake that came before the sleep, once', async () => {
    const one = control();
    one.wake();
    await one.untilWoken(3600);
    let woken = false;
    const second = one.untilWoken(3600).then(() => (woken = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(woken).toBe(false);
    one.stop();
    await second;
    await one.untilWoken(3600);
  });

  it('gives each request out once', () => {
    const one = control();
    one.requestReload();
    one.endPause();
    expect([one.takeReloadRequest(), one.takeReloadRequest()]).toEqual([true, false]);
    expect([one.takePauseEnd(), one.takePauseEnd()]).toEqual([true, false]);
  });
});

describe('the mailer', () => {
  const mailer = (sendMail: () => Promise<Date | null>) => {
    const logged: string[] = [];
    const one = createMailer({
      sendMail,
      clock: systemClock,
      log: { log: (line) => void logged.push(line), reopen: () => undefined },
      onNext: () => undefined,
    });
    return { one, logged };
  };

  it('runs once more for what was put into the outbox while it ran, and never twice at once', async () => {
    let atOnce = 0;
    let most = 0;
    let runs = 0;
    const { one } = mailer(async () => {
      most = Math.max(most, (atOnce += 1));
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
      atOnce -= 1;
      return null;
    });
    one.push();
    one.push();
    one.push();
    await one.settle(10);
    expect({ most, runs }).toEqual({ most: 1, runs: 2 });
  });

  it('says what keeps mail from being sent, and tries again a minute later', async () => {
    const { one, logged } = mailer(() => Promise.reject(new Error('ENOSPC: no space left on device')));
    await one.settle(10);
    expect(logged).toEqual(['mail cannot be sent: ENOSPC: no space left on device']);
    expect((one.next()?.getTime() ?? 0) - Date.now()).toBeGreaterThan(50_000);
  });
});
