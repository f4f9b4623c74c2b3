import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeResults } from '../../src/builder/sbuild-results.ts';
import type { Verdict } from '../../src/builder/recording.ts';
import { buildWorld, type BuildWorld } from '../support/build-world.ts';
import { contentIn, putUpload } from '../support/upload-home.ts';

let world: BuildWorld;
let build: string;
let tree: string;
beforeEach(() => {
  world = buildWorld();
  build = join(world.home, 'build');
  tree = join(world.root, 'greet_1.0-7');
  mkdirSync(build);
  mkdirSync(tree);
});
afterEach(() => world.remove());

const successful: Verdict = {
  result: 'successful',
  failStage: null,
  remark: null,
  changesFile: null,
  buildSeconds: 1,
  diskUsed: null,
};
const taking = (binaries: readonly string[] | null): Promise<Verdict> =>
  takeResults(world.job({ architecture: 'amd64' }), tree, binaries, successful);

describe('what sbuild built', () => {
  const files = { 'greet_1.0_amd64.deb': 'greet', 'zlib_1.3_amd64.deb': 'whose?' };

  it('and another build too, is nobody’s fault that a machine could know: a local problem that names the other', async () => {
    putUpload(build, { source: 'zlib', version: '1.3', files: { 'zlib_1.3_amd64.deb': 'zlib' } });
    putUpload(tree, { distribution: 'bookworm', files });
    const before = contentIn(build);
    expect(await taking(null)).toMatchObject({
      result: 'failed',
      changesFile: null,
      remark: expect.stringContaining('zlib_1.3_amd64.deb belongs to zlib_1.3_amd64.changes') as unknown,
    });
    expect(contentIn(build)).toEqual(before);
  });

  it('though its .dsc does not declare it, is the fault of the package', async () => {
    putUpload(tree, { distribution: 'bookworm', files });
    expect(await taking(['greet'])).toMatchObject({
      result: 'attempted',
      changesFile: null,
      remark: 'greet_1.0_amd64.changes: zlib_1.3_amd64.deb is no package of greet: its .dsc does not name it',
    });
    expect(await taking(['greet', 'zlib'])).toMatchObject({
      result: 'successful',
      changesFile: 'greet_1.0_amd64.changes',
    });
  });
});
