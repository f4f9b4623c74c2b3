import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandBuilder, fillIn } from '../../src/builder/command.ts';
import { summaryOf } from '../../src/builder/log-summary.ts';
import { leaveChanges } from '../support/leave-changes.ts';
import { buildWorld, type BuildWorld } from '../support/build-world.ts';
import { contentIn, namesIn, putUpload } from '../support/upload-home.ts';

let world: BuildWorld;
beforeEach(() => {
  world = buildWorld();
});
afterEach(() => world.remove());

const script = (name: string, text: string): string => {
  const path = join(world.root, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};
const building = (text: string, hooks: { readonly create?: string; readonly delete?: string } = {}) =>
  commandBuilder({
    build: [script('build', text), '%p', '%v', '%d'],
    create: hooks.create === undefined ? null : [script('create', hooks.create)],
    delete: hooks.delete === undefined ? null : [script('delete', hooks.delete), '%n'],
    killAfter: 1,
  });

describe('the command builder', () => {
  it.each([
    [0, 'successful', null],
    [2, 'attempted', 'build'],
    [3, 'given-back', 'install-deps'],
    [1, 'failed', 'build'],
    [7, 'failed', 'build'],
  ])('takes exit code %i for %s, as sbuild means it', async (code, result, failStage) => {
    const outcome = await world.build(
      building(`echo building "$1" "$2"\n${leaveChanges('amd64')}exit ${code}`),
      world.job({ architecture: 'amd64' }),
    );
    expect(outcome).toMatchObject({ result, failStage });
    expect(outcome.log).toContain('building greet 1.0');
    expect(summaryOf(outcome.log.split('\n'))).toMatchObject({ status: result, failStage });
  });

  it('does not call a build successful that left no .changes', async () => {
    const outcome = await world.build(building(': > greet_1.0_amd64.deb'), world.job({ architecture: 'amd64' }));
    expect(outcome).toMatchObject({
      result: 'failed',
      failStage: 'build',
      remark: 'the build program ended with 0 but left no greet_1.0_amd64.changes in %b',
      changesFile: null,
    });
  });

  it('takes the results that the program left in its directory, and nothing else of it', async () => {
    putUpload(world.sources, { distribution: 'bookworm' });
    const outcome = await world.build(
      building(`cp ${world.sources}/* . && : > core`),
      world.job({ architecture: 'amd64' }),
    );
    expect(outcome).toMatchObject({ result: 'successful', changesFile: 'greet_1.0_amd64.changes' });
    expect(namesIn(join(world.home, 'build'))).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
  });

  it('takes no results that are not what their .changes says; of two that claim a file, nobody is blamed', async () => {
    const build = join(world.home, 'build');
    putUpload(build, { source: 'zlib', version: '1.3', distribution: 'bookworm' });
    const before = contentIn(build);
    const files = { 'greet_1.0_amd64.deb': 'greet', 'zlib_1.3_amd64.deb': 'an imposter' };
    putUpload(world.sources, { distribution: 'bookworm', files });
    const job = world.job({ architecture: 'amd64' });
    expect(await world.build(building(`cp ${world.sources}/* .`), job)).toMatchObject({
      result: 'failed',
      remark:
        'greet_1.0_amd64.changes: zlib_1.3_amd64.deb belongs to zlib_1.3_amd64.changes; remove from build/ what does not belong there',
      changesFile: null,
    });
    expect(await world.build(building(`cp ${world.sources}/*.changes .`), job)).toMatchObject({
      result: 'attempted',
      remark: 'greet_1.0_amd64.changes: greet_1.0_amd64.deb is missing or not what it says',
    });
    expect(contentIn(build)).toEqual(before);
  });

  it('takes no package that the .dsc does not declare, though nobody else has it yet', async () => {
    const dscFile = join(world.root, 'greet_1.0.dsc');
    writeFileSync(
      dscFile,
      `Source: greet\nVersion: 1.0\nBinary: greet, libgreet1\nChecksums-Sha256:\n ${'0'.repeat(64)} 1 greet_1.0.tar.xz\n`,
    );
    const job = world.job({ architecture: 'amd64', dscFile });
    const own = { 'libgreet1_0.5_amd64.deb': 'own', 'greet-dbgsym_1.0_amd64.deb': 'own' };
    const files = { ...own, 'zlib_1.3_amd64.deb': 'an imposter' };
    putUpload(world.sources, { distribution: 'bookworm', files });
    expect(await world.build(building(`cp ${world.sources}/* .`), job)).toMatchObject({
      result: 'attempted',
      remark: 'greet_1.0_amd64.changes: zlib_1.3_amd64.deb is no package of greet: its .dsc does not name it',
    });
    expect(namesIn(join(world.home, 'build'))).toEqual([]);
    putUpload(world.sources, { distribution: 'bookworm', files: own });
    expect(await world.build(building(`cp ${world.sources}/* .`), job)).toMatchObject({ result: 'successful' });
  });

  it('builds nothing when the create hook fails, and still runs the delete hook', async () => {
    const outcome = await world.build(
      building('echo built', { create: 'exit 5', delete: `echo "$1" > ${world.root}/deleted` }),
      world.job(),
    );
    expect(outcome).toMatchObject({
      result: 'failed',
      failStage: 'create-session',
      remark: 'the create hook ended with exit code 5',
    });
    expect(outcome.log).not.toContain('built');
    expect(readFileSync(join(world.root, 'deleted'), 'utf8')).toBe('7\n');
  });

  it('runs the delete hook after a build that was stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const outcome = await world.build(
      building('sleep 60', { delete: `: > ${world.root}/deleted` }),
      world.job(),
      stop.signal,
    );
    expect(outcome.result).toBe('aborted');
    expect(existsSync(join(world.root, 'deleted'))).toBe(true);
  });

  it('says in one line which program is not there', async () => {
    const builder = commandBuilder({ build: ['true'], create: null, delete: ['/nowhere/delete-chroot'], killAfter: 1 });
    expect(await builder.unusable(world.job())).toBe(
      '/nowhere/delete-chroot is not there or cannot be executed; builder.command in buildd.conf names it',
    );
    expect(await building('true').unusable(world.job())).toBeNull();
  });
});

describe('a placeholder', () => {
  it('becomes what it stands for and never a second argument', () => {
    const job = world.job({ architecture: 'amd64', binNmu: { number: 2, changelog: 'x' } });
    expect(fillIn('%p %v %d %a %s %b %n 100%% %x', job, '/b $(id)')).toBe(
      'greet 1.0+b2 bookworm amd64 greet_1.0 /b $(id) 7 100% %x',
    );
    expect(fillIn('--source=%s', world.job({ dscFile: '/src/greet_1.0.dsc' }), '/b')).toBe(
      '--source=/src/greet_1.0.dsc',
    );
  });

  it('is not filled in twice', () => {
    expect(fillIn('%%p', world.job(), '/b')).toBe('%p');
  });
});
