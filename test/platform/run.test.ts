import { describe, expect, it } from 'vitest';
import { identityOf } from '../../src/platform/process-identity.ts';
import { run } from '../../src/platform/run.ts';

describe('running a program', () => {
  it('gives it its arguments as they are, without a shell', async () => {
    const { stdout, code } = await run('printf', ['%s|', '$HOME', '; id', '`id`'], { timeoutSeconds: 10 });
    expect([stdout.toString(), code]).toEqual(['$HOME|; id|`id`|', 0]);
  });

  it('says that it could not be started', async () => {
    expect(await run('/no/such/program', [], { timeoutSeconds: 10 })).toMatchObject({
      notStarted: 'ENOENT',
      code: null,
    });
  });

  it('ends the whole group at the time limit', async () => {
    const result = await run('sh', ['-c', 'sleep 60 & echo $!; wait'], { timeoutSeconds: 0.3 });
    expect(result).toMatchObject({ timedOut: true });
    expect(identityOf(Number(result.stdout.toString()))).toBeNull();
  });

  it('keeps only so much output, and outlives a program that does not read its input', async () => {
    const result = await run('sh', ['-c', 'yes | head -c 100000'], {
      timeoutSeconds: 10,
      maxOutputBytes: 10,
      input: 'x'.repeat(1_000_000),
    });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toHaveLength(10);
  });
});
