// The uploader killed with SIGKILL at many points, as a real process: every upload reaches the archive exactly once
// and is reported exactly once.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import {
  actionsOf,
  addBuilt,
  homeConf,
  namesIn,
  putUpload,
  uploadHome,
  type UploadHome,
} from '../support/upload-home.ts';

let command: BundledCommand;
beforeAll(async () => {
  command = await bundledCommand('buildd-uploader');
});
afterAll(() => command.remove());

const homes: UploadHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

const packages = ['alpha', 'beta', 'gamma'];

const prepare = async (): Promise<UploadHome> => {
  const conf = homeConf.replace('[mail]', '[mail]\ntransport = "dir:outbox"');
  const home = await uploadHome(`${conf}[[upload_queues]]\nprogram = "copy"\ntarget = "incoming"\n`);
  homes.push(home);
  for (const source of packages) {
    await addBuilt(home, source);
    const name = putUpload(join(home.paths.root, 'upload'), { source });
    utimesSync(join(home.paths.root, 'upload', name), 1, 1);
  }
  return home;
};

// Runs the uploader; killed after so many milliseconds, or not at all. Says how it ended.
const runProcess = (
  home: UploadHome,
  killAfter: number | null,
): Promise<{ readonly end: number | string; readonly output: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [command.path, '--home', home.paths.root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const timer = killAfter === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ end: code ?? signal ?? '', output });
    });
  });

// The archive takes what has arrived, as its own cron job would. A second arrival of the same fails the test.
const accept = (home: UploadHome): void => {
  const incoming = join(home.paths.root, 'incoming');
  const accepted = join(home.paths.root, 'accepted');
  mkdirSync(accepted, { recursive: true });
  for (const name of namesIn(incoming).filter((entry) => entry.endsWith('.changes') && !entry.startsWith('.'))) {
    expect(existsSync(join(accepted, name)), `${name} arrived twice`).toBe(false);
    const file = name.replace('.changes', '.deb');
    expect(readFileSync(join(incoming, file), 'utf8')).toBe('the binary package 1.0');
    renameSync(join(incoming, name), join(accepted, name));
    renameSync(join(incoming, file), join(accepted, file));
  }
};

describe('an uploader that is killed', () => {
  it('has uploaded and reported everything exactly once after the last run, wherever it was killed', async () => {
    for (let round = 0; round < 4; round += 1) {
      const home = await prepare();
      for (let killAfter = 60 + round * 13; killAfter < 500; killAfter += 55) {
        await runProcess(home, killAfter);
        accept(home);
      }
      expect(await runProcess(home, null)).toMatchObject({ end: 0 });
      accept(home);
      expect(namesIn(join(home.paths.root, 'accepted'))).toHaveLength(packages.length * 2);
      expect(namesIn(join(home.paths.root, 'incoming'))).toEqual([]);
      for (const source of packages)
        expect(await actionsOf(home, source), source).toEqual(['add', 'take', 'built', 'uploaded']);
      expect(await runProcess(home, null)).toEqual({ end: 0, output: '' });
    }
  });
});

describe('an uploader that is killed between the upload and the report', () => {
  it('reports in the next run, without uploading again', async () => {
    const home = await uploadHome(`dupload_to = "local"\n${homeConf}`);
    homes.push(home);
    await addBuilt(home);
    const incoming = join(home.paths.root, 'incoming');
    mkdirSync(incoming);
    // dupload runs this hook when its log is complete, before it ends: the uploader dies at exactly that point.
    const hook = `kill -9 $(cut -d" " -f1 ${join(home.paths.root, 'upload.lock')})`;
    const none = 'sourcepackage => [], package => [], file => [], deb => []';
    writeFileSync(
      join(home.paths.root, '.dupload.conf'),
      `package config;\n$cfg{'local'} = { fqdn => 'localhost', method => 'copy', incoming => '${incoming}/', dinstall_runs => 1, preupload => { changes => [], ${none} }, postupload => { changes => ['${hook}'], ${none} } };\n1;\n`,
    );
    putUpload(join(home.paths.root, 'upload'));
    expect(await runProcess(home, null)).toMatchObject({ end: 'SIGKILL' });
    expect(namesIn(incoming)).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
    expect(await actionsOf(home)).toEqual(['add', 'take', 'built']);
    rmSync(incoming, { recursive: true });
    expect(await runProcess(home, null)).toEqual({
      end: 0,
      output: 'buildd-uploader: reported upload/greet_1.0_amd64.changes, which an earlier run had uploaded\n',
    });
    expect(await actionsOf(home)).toEqual(['add', 'take', 'built', 'uploaded']);
  });
});

describe('two uploaders at the same time', () => {
  it('upload everything once; the second says that it did nothing, and both end well', async () => {
    const home = await prepare();
    const runs = await Promise.all([runProcess(home, null), runProcess(home, null)]);
    accept(home);
    expect(runs.map(({ end }) => end)).toEqual([0, 0]);
    for (const source of packages) expect(await actionsOf(home, source)).toEqual(['add', 'take', 'built', 'uploaded']);
    const uploads = runs
      .map(({ output }) => output)
      .join('')
      .split('\n')
      .filter((line) => line.includes(': uploaded '));
    expect(uploads).toHaveLength(packages.length);
  });
});
