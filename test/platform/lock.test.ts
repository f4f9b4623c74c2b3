import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockHolder, tryLock } from '../../src/platform/lock.ts';
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
});
