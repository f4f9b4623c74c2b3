import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkResults, moveResults, resultStem } from '../../src/builder/results.ts';
import { buildWorld, type BuildWorld } from '../support/build-world.ts';

let world: BuildWorld;
let tree: string;
beforeEach(() => {
  world = buildWorld();
  tree = join(world.home, 'tree');
  mkdirSync(tree);
});
afterEach(() => world.remove());

const content = 'a package\n';
const sha256 = createHash('sha256').update(content).digest('hex');
const job = () => world.job({ architecture: 'amd64' });

const leave = (changed: Record<string, string> = {}, file = 'greet_1.0_amd64.deb'): void => {
  const fields = { Source: 'greet', Version: '1.0', Architecture: 'amd64', Distribution: 'bookworm', ...changed };
  const list = `Checksums-Sha256:\n ${sha256} ${content.length} ${file}\nFiles:\n ${'0'.repeat(32)} ${content.length} misc optional ${file}\n`;
  writeFileSync(
    join(tree, 'greet_1.0_amd64.changes'),
    `${Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join('')}${list}`,
  );
};

describe('the results of a build', () => {
  it('are what the .changes names, and the .changes last', async () => {
    leave();
    writeFileSync(join(tree, 'greet_1.0_amd64.deb'), content);
    writeFileSync(join(tree, 'something-else'), 'left');
    const names = await checkResults(tree, job());
    expect(names).toEqual(['greet_1.0_amd64.deb', 'greet_1.0_amd64.changes']);
    const to = join(world.home, 'build');
    mkdirSync(to);
    moveResults(names, tree, to, null);
    expect(readdirSync(to).sort()).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
    expect(existsSync(join(tree, 'something-else'))).toBe(true);
  });

  it('replace those of an equal build before, and what such a build left half moved', async () => {
    leave();
    writeFileSync(join(tree, 'greet_1.0_amd64.deb'), content);
    const to = join(world.home, 'build');
    mkdirSync(to);
    writeFileSync(join(to, 'greet_1.0_amd64.deb'), 'from before');
    moveResults(await checkResults(tree, job()), tree, to, null);
    expect(readFileSync(join(to, 'greet_1.0_amd64.deb'), 'utf8')).toBe(content);
    leave();
    writeFileSync(join(tree, 'greet_1.0_amd64.deb'), content);
    moveResults(await checkResults(tree, job()), tree, to, null);
    expect(readdirSync(to).sort()).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
  });

  it('are not moved, none of them, where a name is that of a directory in build/', async () => {
    leave({}, 'zlib_1.3-8');
    writeFileSync(join(tree, 'zlib_1.3-8'), content);
    const to = join(world.home, 'build');
    mkdirSync(join(to, 'zlib_1.3-8'), { recursive: true });
    const names = await checkResults(tree, job());
    expect(() => moveResults(names, tree, to, null)).toThrow(
      'greet_1.0_amd64.changes: zlib_1.3-8 in build/ is not a file',
    );
    expect(readdirSync(to)).toEqual(['zlib_1.3-8']);
  });

  it('are refused without a .changes', async () => {
    await expect(checkResults(tree, job())).rejects.toThrow('the build made no greet_1.0_amd64.changes');
  });

  it('are refused when a file is a link to something outside', async () => {
    leave();
    writeFileSync(join(world.home, 'secret'), content);
    symlinkSync('../secret', join(tree, 'greet_1.0_amd64.deb'));
    await expect(checkResults(tree, job())).rejects.toThrow(
      'greet_1.0_amd64.changes: greet_1.0_amd64.deb is missing or not what it says',
    );
  });

  it('are refused when a checksum is wrong', async () => {
    leave();
    writeFileSync(join(tree, 'greet_1.0_amd64.deb'), 'a pretend\n');
    await expect(checkResults(tree, job())).rejects.toThrow('greet_1.0_amd64.deb is missing or not what it says');
  });

  it('are refused when the .changes names a path', async () => {
    leave({}, '../secret');
    await expect(checkResults(tree, job())).rejects.toThrow('"../secret" is not a file name');
  });

  it.each([
    [{ Source: 'other' }, 'is for other 1.0, not greet 1.0'],
    [{ Version: '9.9' }, 'is for greet 9.9, not greet 1.0'],
    [{ Distribution: 'stable' }, 'is for the distribution stable, not bookworm'],
  ])('are refused when the .changes is for another package, version or distribution: %o', async (changed, message) => {
    leave(changed);
    await expect(checkResults(tree, job())).rejects.toThrow(message);
  });

  it.each([
    [{}, 'greet_1.0_amd64'],
    [{ version: '3:1.0-2' }, 'greet_1.0-2_amd64'],
    [{ binNmu: { number: 4, changelog: 'x' } }, 'greet_1.0+b4_amd64'],
    [{ fileSuffix: 'buildd' }, 'greet_1.0_amd64-buildd'],
    [{ fileSuffix: '-buildd' }, 'greet_1.0_amd64-buildd'],
  ])('are named as dpkg names them: %o', (changed, stem) => {
    expect(resultStem(world.job({ architecture: 'amd64', ...changed }))).toBe(stem);
  });
});
