// `sign_with`: what the builder signed goes to the upload queue without an answer, but only if it is what was built.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Builder } from '../../src/builder/builder.ts';
import { makeKey, type SigningKey } from '../support/admin-key.ts';
import { daemonHome, startLoop, stopLoops, type DaemonHome, type RunningLoop } from '../support/daemon-home.ts';
import { changesText } from '../support/upload-home.ts';

let key: SigningKey;
beforeAll(() => {
  key = makeKey('Example buildd <buildd@example.org>');
});
afterAll(() => key.remove());
afterEach(stopLoops);

const deb = { 'greet_1.0_amd64.deb': 'the binary package' };
const name = 'greet_1.0_amd64.changes';

/** Builds greet with a builder that leaves this .changes. */
const builtWith = async (changes: string): Promise<{ home: DaemonHome; loop: RunningLoop; file: string }> => {
  const home = daemonHome();
  home.write(
    'buildd.conf',
    home.read('buildd.conf').replace('[[distributions]]', `[[distributions]]\nsign_with = "${key.fingerprint}"`),
  );
  await home.add('sid', 'greet');
  const builder: Builder = {
    name: 'command',
    unusable: () => Promise.resolve(null),
    build: (job) => {
      for (const [file, text] of Object.entries({ ...deb, [name]: changes }))
        writeFileSync(join(job.buildDirectory, file), text);
      const now = new Date();
      return Promise.resolve({
        result: 'successful',
        failStage: null,
        remark: null,
        logFile: null,
        changesFile: name,
        started: now,
        finished: now,
        diskUsed: null,
      });
    },
  };
  const loop = await startLoop(home, () => ({ builder: () => builder }));
  await home.untilMailed(/^Log for successful build of greet_1\.0/);
  await loop.stop();
  return { home, loop, file: join(home.root, 'upload', name) };
};

describe('a signed result', () => {
  it('goes into the upload queue with its files, as it was signed', async () => {
    const changes = key.clearsign(changesText({ files: deb }));
    const { home, file } = await builtWith(changes);
    expect(readFileSync(file, 'utf8')).toBe(changes);
    expect(home.read('upload/greet_1.0_amd64.deb')).toBe('the binary package');
    expect(existsSync(join(home.paths.build, name))).toBe(false);
    expect(await home.state('greet')).toBe('Built');
  });

  it.each([
    ['that is not signed', () => changesText({ files: deb }), 'it is not signed, though sign_with is set'],
    [
      'for another distribution',
      () => key.clearsign(changesText({ files: deb, distribution: 'stable' })),
      'it is for another package, version or distribution',
    ],
    [
      'of another package',
      () => key.clearsign(changesText({ files: deb, source: 'bash' })),
      'it is for another package, version or distribution',
    ],
    [
      'that names what steers the daemon',
      () => key.clearsign(changesText({ files: { ...deb, REDO: '' } })),
      'REDO cannot be part of an upload',
    ],
  ])('%s stays in build/, waits for the answer, and the log says why', async (_what, changes, why) => {
    const { home, loop, file } = await builtWith(changes());
    expect(existsSync(file)).toBe(false);
    expect(existsSync(join(home.paths.build, name))).toBe(true);
    expect(loop.logged).toContain(`${name} is not uploaded by itself: ${why}; the admin's answer is waited for`);
    expect(await home.state('greet')).toBe('Built');
  });
});
