// The client of a buildd home: each report is carried out exactly once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadWannaBuildConf } from '../../src/config/load.ts';
import type { StoreReport } from '../../src/home/store-port.ts';
import type { WannaBuildClient } from '../../src/wanna-build/client.ts';
import { openLocalClient } from '../../src/wanna-build/local-client.ts';
import type { PackageRecord } from '../../src/wanna-build/record.ts';
import { now, row, storeWorld, type StoreWorld } from '../support/store-world.ts';

let world: StoreWorld;
let client: WannaBuildClient;
afterEach(async () => {
  await client.close();
  world.end();
});

const given = async (...rows: PackageRecord[]): Promise<void> => {
  world = await storeWorld(...rows);
  client = await openLocalClient({
    home: world.home,
    conf: loadWannaBuildConf(world.home, join(world.home, 'nowhere')),
    realUser: 'root',
    clock: { now: () => now, sleep: () => Promise.resolve() },
  });
};
const building = { state: 'Building', previous_state: 'Needs-Build', builder: 'buildd_a', claim: 3 } as const;
const report = (changes: Partial<StoreReport> = {}): StoreReport => ({
  action: 'built',
  package: 'foo',
  version: '1.0-1',
  distribution: 'sid',
  architecture: 'arm64',
  user: 'buildd_a',
  claim: 3,
  message: null,
  buildPriority: null,
  ...changes,
});

describe('a report', () => {
  it('is carried out once for an intent, and answered the same again', async () => {
    await given(row('foo', building));
    const first = await client.report(report({ action: 'failed', message: 'broken' }), 'home-1');
    const second = await client.report(report({ action: 'failed', message: 'broken' }), 'home-1');
    expect(first).toEqual({ kind: 'done', claim: 3, notes: [] });
    expect(second).toEqual(first);
    expect((await world.record('foo'))?.failed).toBe('broken');
    expect(await world.log('foo')).toMatchObject([{ action: 'failed', intent: 'home-1', real_user: 'root' }]);
  });

  it('is answered the same again when the package has moved on since', async () => {
    await given(row('foo', building));
    const first = await client.report(report(), 'home-1');
    await client.report(report({ action: 'uploaded' }), 'home-2');
    expect(await client.report(report(), 'home-1')).toEqual(first);
    expect((await world.record('foo'))?.state).toBe('Uploaded');
  });

  it('stays refused when it was refused', async () => {
    await given(row('foo', { ...building, builder: 'buildd_b' }));
    const refused = { kind: 'refused', reason: 'foo: not taken by you, but by buildd_b. Skipping.' };
    expect(await client.report(report(), 'home-1')).toEqual(refused);
    await world.run(['-o', '-U', 'buildd_a', 'foo_1.0-1']);
    expect(await client.report(report(), 'home-1')).toEqual(refused);
    expect((await world.record('foo'))?.state).toBe('Building');
  });

  it('of an earlier take is refused', async () => {
    await given(row('foo', building));
    expect(await client.report(report({ claim: 2 }), 'home-1')).toEqual({
      kind: 'refused',
      reason: 'foo: claim 2 is not the last one (3). Skipping.',
    });
  });

  it('of the same intent may be about several packages', async () => {
    await given(row('foo', building), row('bar', building));
    await client.report(report(), 'home-1');
    await client.report(report({ package: 'bar' }), 'home-1');
    expect((await world.record('bar'))?.state).toBe('Built');
  });

  it('takes again with a new claim, gives back with a priority', async () => {
    await given(row('foo', { ...building, state: 'Build-Attempted' }));
    expect(await client.report(report({ action: 'take' }), 'home-1')).toMatchObject({ kind: 'done', claim: 4 });
    expect(await client.report(report({ action: 'give-back', claim: 4, buildPriority: -10 }), 'home-2')).toMatchObject({
      kind: 'done',
    });
    expect(await world.record('foo')).toMatchObject({ state: 'Needs-Build', builder: null, buildpri: -10 });
  });
});

describe('the client', () => {
  it('lists, takes, and knows what is building for whom', async () => {
    await given(
      row('foo'),
      row('urgent', { buildpri: 5 }),
      row('mine', { ...building, builder: 'buildd_a-host' }),
      row('theirs', { ...building, builder: 'buildd_b' }),
    );
    expect(await client.needsBuild('sid', 'arm64', 'buildd_a')).toEqual([
      { package: 'urgent', version: '1.0-1', line: 'misc/urgent_1.0-1 [source:out-of-date:bp{5}:calprio{43}:days{0}]' },
      { package: 'foo', version: '1.0-1', line: 'misc/foo_1.0-1 [source:out-of-date:calprio{38}:days{0}]' },
    ]);
    expect(await client.take(['foo_1.0-1', 'theirs_1.0-1', 'x'], 'sid', 'arm64', 'buildd_a')).toMatchObject([
      {
        status: 'ok',
        package: 'foo',
        claim: 1,
        archive: 'debian',
        build_dep_resolver: 'apt',
        previous_failed: null,
        source_path: null,
      },
      { status: 'not ok', package: 'theirs', reason: 'already taken by buildd_b' },
      { status: 'not ok', package: 'x', reason: "can't extract package name and version (bad format)" },
    ]);
    expect((await client.buildingFor('buildd_a', 'sid', 'arm64')).map((record) => record.package).sort()).toEqual([
      'foo',
      'mine',
    ]);
    expect((await client.info({ package: 'foo', distribution: 'sid', architecture: 'arm64' }))?.state).toBe('Building');
    expect(await client.info({ package: 'nosuch', distribution: 'sid', architecture: 'arm64' })).toBeNull();
  });

  it('tells where a source lies that was added by hand, and why the version before failed', async () => {
    await given(row('foo', { version: '0.9-1', state: 'Failed', failed: 'broken' }));
    const dsc = join(world.home, 'foo_1.0-1.dsc');
    writeFileSync(dsc, 'Source: foo\nVersion: 1.0-1\nArchitecture: any\n');
    await world.run(['--add', dsc]);
    expect(await client.take(['foo_1.0-1'], 'sid', 'arm64', 'buildd_a')).toMatchObject([
      { status: 'ok', source_path: dsc, previous_failed: { reason: 'broken' } },
    ]);
  });
});
