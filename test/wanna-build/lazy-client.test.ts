// A client whose store is opened when it is first asked.
import { describe, expect, it } from 'vitest';
import type { StoreReport } from '../../src/home/store-port.ts';
import { DataError, UnavailableError } from '../../src/platform/errors.ts';
import type { WannaBuildClient } from '../../src/wanna-build/client.ts';
import { lazyClient } from '../../src/wanna-build/lazy-client.ts';

const key = { package: 'foo', distribution: 'sid', architecture: 'amd64' };
const report: StoreReport = {
  ...key,
  action: 'uploaded',
  version: '1.0-1',
  user: 'buildd_a',
  claim: 3,
  message: null,
  buildPriority: null,
};

/** A client that notes what it is asked. */
const noting = (calls: string[]): WannaBuildClient => {
  const note = <T>(call: string, answer: T): Promise<T> => {
    calls.push(call);
    return Promise.resolve(answer);
  };
  return {
    needsBuild: (...which) => note(`needsBuild ${which.join(' ')}`, []),
    take: ([first], ...rest) => note(`take ${first ?? ''} ${rest.join(' ')}`, []),
    info: ({ package: name }) => note(`info ${name}`, null),
    buildingFor: (...whom) => note(`buildingFor ${whom.join(' ')}`, []),
    report: ({ action }, intent) => note(`report ${action} ${intent}`, { kind: 'done', claim: 3, notes: [] }),
    close: () => note('close', undefined),
  };
};

const make = (failures: Error[] = []): { client: WannaBuildClient; calls: string[]; told: string[] } => {
  const calls: string[] = [];
  const told: string[] = [];
  const open = (): Promise<WannaBuildClient> => {
    calls.push('open');
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve(noting(calls)) : Promise.reject(failure);
  };
  return { client: lazyClient(open, (reason) => told.push(reason)), calls, told };
};

describe('a lazy client', () => {
  it('opens nothing, and closes nothing, as long as nobody asks', async () => {
    const { client, calls } = make();
    await client.close();
    expect(calls).toEqual([]);
  });

  it('opens its store once, passes every question on, and closes it', async () => {
    const { client, calls } = make();
    await Promise.all([client.needsBuild('sid', 'amd64', 'buildd_a'), client.info(key)]);
    await client.take(['foo_1.0-1'], 'sid', 'amd64', 'buildd_a');
    await client.buildingFor('buildd_a', 'sid', 'amd64');
    expect(await client.report(report, 'home-1')).toEqual({ kind: 'done', claim: 3, notes: [] });
    await client.close();
    expect(calls).toEqual([
      'open',
      'needsBuild sid amd64 buildd_a',
      'info foo',
      'take foo_1.0-1 sid amd64 buildd_a',
      'buildingFor buildd_a sid amd64',
      'report uploaded home-1',
      'close',
    ]);
  });

  it('takes a store that it cannot open for one that is away, never for a refusal, and says each reason once', async () => {
    const { client, told } = make([new DataError('not a store'), new DataError('not a store')]);
    await expect(client.report(report, 'home-1')).rejects.toThrow(new UnavailableError('not a store'));
    await expect(client.report(report, 'home-1')).rejects.toBeInstanceOf(UnavailableError);
    expect(told).toEqual(['not a store']);
    await client.close();
  });

  it('tries again with the next question', async () => {
    const { client, calls } = make([new UnavailableError('away')]);
    await expect(client.info(key)).rejects.toThrow('away');
    expect(await client.info(key)).toBeNull();
    expect(calls).toEqual(['open', 'open', 'info foo']);
  });
});
