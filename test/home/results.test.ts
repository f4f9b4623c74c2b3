import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../src/home/result-files.ts';
import { queueResults, removeResults, removeUpload } from '../../src/home/results.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const fact = (name: string, content: string) => ({
  name,
  size: Buffer.byteLength(content),
  sha256: createHash('sha256').update(content).digest('hex'),
});

const changesText = (files: readonly ReturnType<typeof fact>[], source = 'hello', version = '1:2.10-3'): string =>
  [
    `Source: ${source}`,
    `Version: ${version}`,
    'Architecture: amd64',
    'Distribution: unstable',
    'Checksums-Sha256:',
    ...files.map((file) => ` ${file.sha256} ${file.size} ${file.name}`),
    'Files:',
    ...files.map((file) => ` 0123456789abcdef0123456789abcdef ${file.size} misc optional ${file.name}`),
    '',
  ].join('\n');

const world = () => {
  const root = temporaryDirectory();
  const build = join(root, 'build');
  const queues = [join(root, 'upload'), join(root, 'upload-security')];
  mkdirSync(build);
  const deb = fact('hello_2.10-3_amd64.deb', 'the deb');
  writeFileSync(join(build, deb.name), 'the deb');
  const changes = { name: 'hello_2.10-3_amd64.changes', text: changesText([deb]) };
  writeFileSync(join(build, changes.name), changes.text);
  return { root, build, queues, deb, changes };
};

describe('queueing the results of a build', () => {
  it('moves all files into each queue, and out of build/', () => {
    const { build, queues, deb, changes } = world();
    const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${changes.text}-----BEGIN PGP SIGNATURE-----\n`;
    queueResults(build, queues, [deb], { ...changes, text: signed });
    for (const queue of queues) {
      expect(readdirSync(queue).sort()).toEqual([changes.name, deb.name].sort());
      expect(readFileSync(join(queue, changes.name), 'utf8')).toBe(signed);
    }
    expect(readdirSync(build)).toEqual([]);
  });

  it('ends the same when it is done again after a crash anywhere in between', () => {
    const { build, queues, deb, changes } = world();
    const [first = ''] = queues;
    mkdirSync(first);
    writeFileSync(join(first, deb.name), 'half');
    queueResults(build, queues, [deb], changes);
    queueResults(build, queues, [deb], changes);
    expect(readFileSync(join(first, deb.name), 'utf8')).toBe('the deb');
  });

  it('refuses a file that is not what the .changes says, before the .changes is queued', () => {
    const { build, queues, deb, changes } = world();
    writeFileSync(join(build, deb.name), 'another');
    expect(() => queueResults(build, queues, [deb], changes)).toThrow('hello_2.10-3_amd64.deb has another SHA-256');
    expect(existsSync(join(queues[0] ?? '', changes.name))).toBe(false);
    expect(existsSync(join(build, deb.name))).toBe(true);
  });

  it.each(['build', 'upload'])('refuses a file that belongs to another upload in %s, and changes nothing', (where) => {
    const { root, build, queues, deb, changes } = world();
    const others = fact('zlib1g_1.3_amd64.deb', 'the library');
    mkdirSync(join(root, 'upload'));
    writeFileSync(join(root, where, others.name), 'the library');
    writeFileSync(join(root, where, 'zlib_1.3_amd64.changes'), changesText([others], 'zlib', '1.3'));
    const stolen = fact(others.name, 'an imposter');
    const before = [build, ...queues.slice(0, 1)].map((directory) => readdirSync(directory));
    expect(() => queueResults(build, queues, [deb, stolen], { ...changes, text: changesText([deb, stolen]) })).toThrow(
      'hello_2.10-3_amd64.changes: zlib1g_1.3_amd64.deb belongs to zlib_1.3_amd64.changes',
    );
    expect([build, ...queues.slice(0, 1)].map((directory) => readdirSync(directory))).toEqual(before);
    expect(readFileSync(join(root, where, others.name), 'utf8')).toBe('the library');
  });

  it.each(['REDO', 'zlib_1.3_amd64.upload', 'zlib_1.3_amd64.changes'])(
    'refuses a .changes that names %s, which steers the daemon or an upload queue',
    (name) => {
      const { build, queues, deb, changes } = world();
      const steering = fact(name, '');
      writeFileSync(join(build, name), '');
      expect(() =>
        queueResults(build, queues, [deb, steering], { ...changes, text: changesText([deb, steering]) }),
      ).toThrow(`${name} cannot be part of an upload`);
      expect(queues.map((queue) => existsSync(queue))).toEqual([false, false]);
    },
  );

  it('leaves in build/ what another version of the source needs too', () => {
    const { build, queues, deb, changes } = world();
    writeFileSync(join(build, 'hello_2.10-4_amd64.changes'), changesText([deb], 'hello', '1:2.10-4'));
    queueResults(build, queues, [deb], changes);
    expect(readdirSync(build).sort()).toEqual([deb.name, 'hello_2.10-4_amd64.changes'].sort());
  });

  it('follows no symbolic link and takes no path', () => {
    const { build, deb } = world();
    writeFileSync(join(build, 'secret'), 'the deb');
    symlinkSync('secret', join(build, 'link.deb'));
    expect(problemOf(build, { ...deb, name: 'link.deb' })).toBe('link.deb is not there');
    expect(problemOf(build, { ...deb, name: '../build/hello_2.10-3_amd64.deb' })).toBe(
      '../build/hello_2.10-3_amd64.deb is not there',
    );
  });
});

describe('removing results', () => {
  it('deletes what the .changes names and the .changes itself, whatever its suffix, and nothing else', () => {
    const { build, deb, changes } = world();
    for (const name of ['hello_2.10-3_arm64.changes', 'hello_2.10-31_amd64.changes', 'other.deb'])
      writeFileSync(join(build, name), changes.text);
    writeFileSync(join(build, 'hello_2.10-3+b1_amd64-buildd.changes'), changes.text);
    removeResults(build, 'hello', '1:2.10-3', 'amd64');
    expect(new Set(readdirSync(build))).toEqual(
      new Set(['hello_2.10-3_arm64.changes', 'hello_2.10-31_amd64.changes', 'other.deb']),
    );
    expect(existsSync(join(build, deb.name))).toBe(false);
  });

  it('leaves what a .changes names although it is another package’s, or the daemon’s', () => {
    const { build, deb, changes } = world();
    const others = fact('zlib1g_1.3_amd64.deb', 'the library');
    const greedy = changesText([deb, others, fact('REDO', ''), fact('zlib_1.3_amd64.changes', '')]);
    writeFileSync(join(build, changes.name), greedy);
    writeFileSync(join(build, others.name), 'the library');
    writeFileSync(join(build, 'zlib_1.3_amd64.changes'), changesText([others], 'zlib', '1.3'));
    writeFileSync(join(build, 'REDO'), '');
    removeResults(build, 'hello', '1:2.10-3', 'amd64');
    expect(readdirSync(build).sort()).toEqual(['REDO', others.name, 'zlib_1.3_amd64.changes']);
  });

  it('takes an upload with its .upload out of a queue, signed or not', () => {
    const { build, changes } = world();
    writeFileSync(
      join(build, changes.name),
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${changes.text}-----BEGIN PGP SIGNATURE-----\n`,
    );
    writeFileSync(join(build, 'hello_2.10-3_amd64.upload'), '');
    removeUpload(build, changes.name);
    expect(readdirSync(build)).toEqual([]);
  });

  it('deletes only plain names even when a .changes names a path', () => {
    const { build, root, changes } = world();
    writeFileSync(join(root, 'victim'), '');
    writeFileSync(join(build, changes.name), changesText([fact('../victim', '')]));
    removeUpload(build, changes.name);
    expect(existsSync(join(root, 'victim'))).toBe(true);
  });
});
