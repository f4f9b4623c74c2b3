// buildd-uploader and buildd-watcher as their users meet them: arguments, one clear line, the exit code.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadWannaBuildConf } from '../../src/config/load.ts';
import { openLocalClient } from '../../src/wanna-build/local-client.ts';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { addBuilt, homeConf, namesIn, putUpload, uploadHome, type UploadHome } from '../support/upload-home.ts';

const commands = new Map<string, BundledCommand>();
let empty: string;
beforeAll(async () => {
  for (const name of ['buildd-uploader', 'buildd-watcher']) commands.set(name, await bundledCommand(name));
  empty = mkdtempSync(join(tmpdir(), 'mb-empty-'));
});
afterAll(() => {
  for (const command of commands.values()) command.remove();
  rmSync(empty, { recursive: true });
});

const homes: UploadHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

const make = async (extra = ''): Promise<UploadHome> => {
  const home = await uploadHome(`${homeConf.replace('[mail]', '[mail]\ntransport = "dir:outbox"')}${extra}`);
  homes.push(home);
  writeFileSync(home.paths.noDaemonPlease, '');
  return home;
};

const run = (name: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [commands.get(name)?.path ?? '', ...args], {
    encoding: 'utf8',
    env: { ...process.env, HOME: empty, BUILDD_HOME: '' },
  });
  return { status, stdout, stderr };
};

describe.each(['buildd-uploader', 'buildd-watcher'])('%s', (name) => {
  it('--help shows the options and the exit codes', () => {
    const { status, stdout, stderr } = run(name, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const word of [`Usage: ${name}`, '--home DIR', 'Exit status']) expect(stdout).toContain(word);
  });

  it('--help wins over what else is there, --version names program and version', () => {
    expect(run(name, '--help', 'extra', '--frobnicate')).toEqual(run(name, '--help'));
    expect(run(name, '--version')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`^${name} \\(mailbuildd\\) \\d+\\.\\d+\\.\\d+\\n$`)) as unknown,
    });
  });

  it('says in one line what is wrong with its arguments', () => {
    expect(run(name, '--frobnicate')).toEqual({
      status: 64,
      stdout: '',
      stderr: `${name}: Unknown option '--frobnicate'; see ${name} --help\n`,
    });
    expect(run(name, 'now')).toMatchObject({
      status: 64,
      stdout: '',
      stderr: expect.stringMatching(/^[^\n]+--help\n$/) as unknown,
    });
    expect(run(name, '--home')).toMatchObject({
      status: 64,
      stdout: '',
      stderr: expect.stringMatching(/^[^\n]+--help\n$/) as unknown,
    });
  });

  it('says which configuration is missing, and makes nothing', () => {
    const { status, stderr } = run(name, '--home', empty);
    expect(status).toBe(78);
    expect(stderr).toBe(
      `${name}: no configuration: neither /etc/buildd/buildd.conf nor ${empty}/buildd.conf is there\n`,
    );
    expect(namesIn(empty)).toEqual([]);
  });

  it('says that the log cannot be written', async () => {
    const home = await make();
    rmSync(home.paths.daemonLog, { force: true });
    mkdirSync(home.paths.daemonLog);
    expect(run(name, '--home', home.paths.root)).toMatchObject({
      status: 75,
      stderr: expect.stringContaining(`${name}: ${home.paths.daemonLog}: cannot be written: EISDIR`) as unknown,
    });
  });

  it('says nothing and ends with 0 where nothing is to be done', async () => {
    const home = await make();
    expect(run(name, '--home', home.paths.root)).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('buildd-uploader', () => {
  it('says what it uploaded, and mails what failed through the configured transport', async () => {
    const home = await make('[[upload_queues]]\nprogram = "copy"\ntarget = "incoming"\n');
    await addBuilt(home);
    putUpload(join(home.paths.root, 'upload'));
    putUpload(join(home.paths.root, 'upload'), { source: 'broken' });
    rmSync(join(home.paths.root, 'upload', 'broken_1.0_amd64.deb'));
    const { status, stdout, stderr } = run('buildd-uploader', '--home', home.paths.root);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('buildd-uploader: uploaded upload/greet_1.0_amd64.changes\n');
    expect(stdout).toMatch(
      /^buildd-uploader: upload\/broken_1\.0_amd64\.changes failed: .* is missing; put it back or remove the upload; the admin gets a mail$/m,
    );
    const outbox = join(home.paths.root, 'outbox');
    const mails = namesIn(outbox).filter((name) => existsSync(join(outbox, name)));
    const texts = mails.map((name) => readFileSync(join(outbox, name), 'utf8'));
    expect(texts.filter((text) => text.includes('Subject: dupload errors'))).toHaveLength(1);
    expect(readFileSync(home.paths.daemonLog, 'utf8')).toMatch(
      /^\S+ buildd-uploader\[\d+\]: uploaded upload\/greet_1\.0_amd64\.changes to \/\S+\/incoming$/m,
    );
  });

  it('uploads while the store cannot be opened, says why in the log, and reports it when the store is back', async () => {
    const home = await make('[[upload_queues]]\nprogram = "copy"\ntarget = "incoming"\n');
    await addBuilt(home);
    putUpload(join(home.paths.root, 'upload'));
    const store = join(home.paths.root, 'wanna-build.db');
    await home.store.close();
    renameSync(store, `${store}.away`);
    writeFileSync(store, 'this is no database, however long one looks at it');
    expect(run('buildd-uploader', '--home', home.paths.root)).toEqual({
      status: 0,
      stdout:
        'buildd-uploader: uploaded upload/greet_1.0_amd64.changes\nbuildd-uploader: 1 report waits until the store can be reached\n',
      stderr: '',
    });
    expect(readFileSync(home.paths.daemonLog, 'utf8')).toMatch(
      /^\S+ buildd-uploader\[\d+\]: store \S+\/wanna-build\.db: cannot be used: file is not a database; restore it from a backup$/m,
    );
    renameSync(`${store}.away`, store);
    expect(run('buildd-uploader', '--home', home.paths.root)).toMatchObject({ status: 0, stderr: '' });
    const client = await openLocalClient({ home: home.paths.root, conf: loadWannaBuildConf(home.paths.root) });
    const record = await client.info({ package: 'greet', distribution: 'sid', architecture: 'amd64' });
    await client.close();
    expect(record?.state).toBe('Uploaded');
  });
});

describe('buildd-watcher', () => {
  it('says what it did, and a task that failed on standard error with exit code 1', async () => {
    const home = await make();
    rmSync(home.paths.noDaemonPlease);
    mkdirSync(join(home.paths.build, 'greet-1.0'));
    writeFileSync(home.paths.purge, 'greet-1.0\n');
    // The bundle of this test has no launchers beside it.
    const { status, stdout, stderr } = run('buildd-watcher', '--home', home.paths.root);
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'buildd-watcher: removed build/greet-1.0\n' });
    expect(stderr).toMatch(
      /^buildd-watcher: daemon: the daemon does not run and cannot be started: spawn \S+\/bin\/buildd ENOENT\n$/,
    );
  });
});
