import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockHolder, sweepLockLeftovers, tryLock } from '../../src/platform/lock.ts';
import { formatIdentity, identityOf, ownIdentity } from '../../src/platform/process-identity.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const directory = temporaryDirectory();

describe('a lock', () => {
  it('is held by one, who is named to the others, and is free after its release', () => {
    const path = join(directory, 'one');
    const first = tryLock(path);
    expect(first.kind).toBe('locked');
    expect(tryLock(path)).toEqual({ kind: 'held', by: ownIdentity() });
    if (first.kind === 'locked') first.lock.release();
    expect(existsSync(path)).toBe(false);
    expect(tryLock(path).kind).toBe('locked');
  });

  it('dies with its holder', async () => {
    const path = join(directory, 'dead');
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const identity = identityOf(child.pid ?? 0);
    if (identity === null) throw new Error('sleep did not start');
    writeFileSync(path, `${formatIdentity(identity)}\n`);
    expect(lockHolder(path)?.pid).toBe(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(lockHolder(path)).toBeNull();
    expect(tryLock(path).kind).toBe('locked');
    expect(readFileSync(path, 'utf8')).toContain(`${process.pid} `);
  });

  it('is not fooled by another process with the same pid, or by another boot', () => {
    const own = ownIdentity();
    for (const other of [
      { ...own, startTicks: '1' },
      { ...own, bootId: 'another' },
    ]) {
      const path = join(directory, `reused-${other.startTicks}-${other.bootId}`);
      writeFileSync(path, `${formatIdentity(other)}\n`);
      expect(tryLock(path).kind).toBe('locked');
    }
  });

  it('is taken over where the file is empty or garbage', () => {
    const path = join(directory, 'garbage');
    writeFileSync(path, 'not a lock');
    expect(tryLock(path).kind).toBe('locked');
  });

  it('is freed of what killed takers left beside it, and of nothing else', () => {
    const swept = temporaryDirectory();
    const now = new Date();
    const old = new Date(now.getTime() - 3601 * 1000);
    const leave = (name: string, content: string, at: Date): void => {
      writeFileSync(join(swept, name), content);
      utimesSync(join(swept, name), at, at);
    };
    const alive = `${formatIdentity(ownIdentity())}\n`;
    leave('a.lock', alive, old);
    leave('a.lock.17.0123abcd', '', old);
    leave('a.lock.17.0123abcd.stale', 'garbage', old);
    leave('a.lock.18.0123abcd', alive, old);
    leave('a.lock.19.0123abcd', '', now);
    leave('a.lock.txt', '', old);
    leave('b.lock.17.0123abcd', '', old);
    expect(sweepLockLeftovers(join(swept, 'a.lock'), now)).toBe(2);
    expect(readdirSync(swept).sort()).toEqual([
      'a.lock',
      'a.lock.18.0123abcd',
      'a.lock.19.0123abcd',
      'a.lock.txt',
      'b.lock.17.0123abcd',
    ]);
    expect(sweepLockLeftovers(join(swept, 'nosuch', 'a.lock'), now)).toBe(0);
  });
});
