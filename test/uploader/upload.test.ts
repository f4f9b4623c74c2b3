// The uploader as a whole, on a real home with the real dupload.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { beginBuild } from '../../src/home/builds.ts';
import { runUploader } from '../../src/uploader/upload.ts';
import {
  actionsOf,
  addBuilt,
  homeConf,
  namesIn,
  putUpload,
  changesText,
  uploadHome,
  type UploadHome,
} from '../support/upload-home.ts';

const homes: UploadHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

const make = async (conf = homeConf): Promise<UploadHome> => {
  const home = await uploadHome(conf);
  homes.push(home);
  return home;
};

/** A home whose dupload copies into `incoming`. */
const withDupload = async (extra = ''): Promise<UploadHome & { readonly incoming: string; readonly queue: string }> => {
  const home = await make(`dupload_to = "local"\n${extra}${homeConf}`);
  const incoming = join(home.paths.root, 'incoming');
  mkdirSync(incoming);
  writeFileSync(
    join(home.paths.root, '.dupload.conf'),
    `package config;
$cfg{'local'} = { fqdn => 'localhost', method => 'copy', incoming => '${incoming}/', dinstall_runs => 1,
  preupload => { changes => [], sourcepackage => [], package => [], file => [], deb => [] },
  postupload => { changes => [], sourcepackage => [], package => [], file => [], deb => [] } };
1;
`,
  );
  return { ...home, incoming, queue: join(home.paths.root, 'upload') };
};

const withCopy = async (): Promise<UploadHome & { readonly incoming: string; readonly queue: string }> => {
  const home = await make(
    `${homeConf}[[upload_queues]]\nprogram = "copy"\ntarget = "incoming"\ndupload_archive_name = "here"\n`,
  );
  return { ...home, incoming: join(home.paths.root, 'incoming'), queue: join(home.paths.root, 'upload') };
};

const stateOf = async (home: UploadHome, name = 'greet'): Promise<string> =>
  (await home.store.info({ package: name, distribution: 'sid', architecture: 'amd64' }))?.state ?? 'unknown';

describe('uploading with dupload', () => {
  it('puts the files and the .changes into the archive and reports the package as Uploaded', async () => {
    const home = await withDupload();
    await addBuilt(home);
    putUpload(home.queue);
    const summary = await runUploader(home);
    expect(summary).toEqual({
      kind: 'ran',
      uploaded: ['upload/greet_1.0_amd64.changes'],
      reportedLate: [],
      failed: [],
      waiting: 0,
    });
    expect(namesIn(home.incoming)).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
    expect(await stateOf(home)).toBe('Uploaded');
    expect(home.notices).toEqual([]);
    expect(home.logged).toContain('uploaded upload/greet_1.0_amd64.changes to local');
  });

  it('leaves the upload in the queue with a complete .upload and does nothing with it in the next run', async () => {
    const home = await withDupload();
    await addBuilt(home);
    putUpload(home.queue);
    await runUploader(home);
    const log = readFileSync(join(home.queue, 'greet_1.0_amd64.upload'), 'utf8');
    expect(log.trimEnd().split('\n').at(-1)).toMatch(/^s greet_1\.0_amd64\.changes \S+ /);
    expect(await runUploader(home)).toEqual({ kind: 'ran', uploaded: [], reportedLate: [], failed: [], waiting: 0 });
    expect((await actionsOf(home)).filter((action) => action === 'uploaded')).toHaveLength(1);
    expect(readFileSync(join(home.queue, 'greet_1.0_amd64.upload'), 'utf8')).toBe(log);
  });

  it('mails "dupload errors" with the complete output when the incoming directory cannot be written, and tries again whole', async () => {
    const home = await withDupload();
    await addBuilt(home);
    putUpload(home.queue);
    rmSync(home.incoming, { recursive: true });
    const summary = await runUploader(home);
    expect(summary).toMatchObject({ kind: 'ran', uploaded: [], failed: [{ job: 'upload/greet_1.0_amd64.changes' }] });
    expect(home.notices).toHaveLength(1);
    expect(home.notices[0]?.subject).toBe('dupload errors');
    expect(home.notices[0]?.text).toContain('Preparing job greet_1.0_amd64 from greet_1.0_amd64.changes');
    expect(home.notices[0]?.text).toContain('Cannot copy greet_1.0_amd64.');
    expect(existsSync(join(home.queue, 'greet_1.0_amd64.upload'))).toBe(false);
    expect(await stateOf(home)).toBe('Built');
    mkdirSync(home.incoming);
    await runUploader(home);
    expect(namesIn(home.incoming)).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
    expect(await stateOf(home)).toBe('Uploaded');
  });

  it('goes on with the other jobs after one failed, and sends one mail for all that failed', async () => {
    const home = await withDupload();
    await addBuilt(home, 'middle');
    for (const source of ['broken-a', 'middle', 'wrong-b']) putUpload(home.queue, { source });
    writeFileSync(join(home.queue, 'broken-a_1.0_amd64.deb'), 'something else');
    rmSync(join(home.queue, 'wrong-b_1.0_amd64.deb'));
    const summary = await runUploader(home);
    expect(summary).toMatchObject({ uploaded: ['upload/middle_1.0_amd64.changes'] });
    expect(home.notices).toHaveLength(1);
    expect(home.notices[0]?.text).toContain('upload/broken-a_1.0_amd64.changes\n');
    expect(home.notices[0]?.text).toContain('broken-a_1.0_amd64.deb has 14 bytes instead of 22');
    expect(home.notices[0]?.text).toContain('wrong-b_1.0_amd64.deb is missing');
  });

  it('tells of the same failure once an hour, and at once again after all had gone well', async () => {
    const home = await withDupload();
    putUpload(home.queue, { distribution: 'elsewhere' });
    const later = (minutes: number): void =>
      home.setTime(new Date(Date.parse('2026-11-20T10:00:00Z') + minutes * 60_000));
    rmSync(home.incoming, { recursive: true });
    for (const minutes of [0, 1, 59]) {
      later(minutes);
      await runUploader(home);
    }
    expect(home.notices).toHaveLength(1);
    later(60);
    await runUploader(home);
    expect(home.notices).toHaveLength(2);
    mkdirSync(home.incoming);
    await runUploader(home);
    rmSync(home.incoming, { recursive: true });
    putUpload(home.queue, { source: 'other', distribution: 'elsewhere' });
    await runUploader(home);
    expect(home.notices).toHaveLength(3);
  });

  it('says what to install when there is no dupload', async () => {
    const home = await withDupload('path = "/nonexistent"\n');
    putUpload(home.queue);
    await runUploader(home);
    expect(home.notices[0]?.text).toContain('dupload could not be started (ENOENT); install the package dupload');
  });

  it('treats an upload whose later hook failed as uploaded, because the log says so', async () => {
    const home = await withDupload();
    await addBuilt(home);
    putUpload(home.queue);
    const conf = join(home.paths.root, '.dupload.conf');
    writeFileSync(
      conf,
      readFileSync(conf, 'utf8').replace('postupload => { changes => []', `postupload => { changes => ['false']`),
    );
    expect(await runUploader(home)).toMatchObject({ uploaded: ['upload/greet_1.0_amd64.changes'], failed: [] });
    expect(await stateOf(home)).toBe('Uploaded');
  });
});

describe('uploading by copy', () => {
  it("copies the files, the .changes, and writes the log in dupload's form", async () => {
    const home = await withCopy();
    home.setTime(new Date('2026-11-05T09:15:02Z'));
    await addBuilt(home);
    const name = putUpload(home.queue);
    utimesSync(join(home.queue, name), 1, 1);
    await runUploader(home);
    expect(namesIn(home.incoming)).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
    expect(readFileSync(join(home.queue, 'greet_1.0_amd64.upload'), 'utf8')).toBe(
      'u greet_1.0_amd64.deb here Thu Nov  5 09:15:02 2026\n' +
        'u greet_1.0_amd64.changes here Thu Nov  5 09:15:02 2026\n' +
        's greet_1.0_amd64.changes here Thu Nov  5 09:15:02 2026\n',
    );
    expect(await stateOf(home)).toBe('Uploaded');
  });

  it('finishes a copy whose .changes had not got its name when it was killed, without copying again', async () => {
    const home = await withCopy();
    await addBuilt(home);
    const name = putUpload(home.queue);
    utimesSync(join(home.queue, name), 1, 1);
    mkdirSync(home.incoming);
    writeFileSync(join(home.incoming, `.${name}.waiting`), 'the .changes');
    writeFileSync(join(home.queue, 'greet_1.0_amd64.upload'), `s ${name} here Thu Nov  5 09:15:02 2026\n`);
    expect(await runUploader(home)).toMatchObject({ uploaded: [], reportedLate: [`upload/${name}`] });
    expect(namesIn(home.incoming)).toEqual([name]);
    expect(readFileSync(join(home.incoming, name), 'utf8')).toBe('the .changes');
    expect(await stateOf(home)).toBe('Uploaded');
  });

  it('says which key is missing when there is no target', async () => {
    const home = await make(`${homeConf}[[upload_queues]]\nprogram = "copy"\n`);
    putUpload(join(home.paths.root, 'upload'));
    await runUploader(home);
    expect(home.notices[0]?.text).toContain('upload_queues: the queue upload has program "copy" but no target');
  });

  it('fails, and leaves the queue as it is, when the target is a file', async () => {
    const home = await withCopy();
    putUpload(home.queue);
    writeFileSync(home.incoming, '');
    expect(await runUploader(home)).toMatchObject({ failed: [{ job: 'upload/greet_1.0_amd64.changes' }] });
    expect(home.notices[0]?.text).toContain(`cannot copy into ${home.incoming}: EEXIST`);
    expect(namesIn(home.queue)).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
  });
});

describe('programs that come later', () => {
  it.each(['dput', 'dput-ng', 'sftp'])('says in one line that %s is not there yet', async (program) => {
    const home = await make(`${homeConf}[[upload_queues]]\nprogram = "${program}"\n`);
    putUpload(join(home.paths.root, 'upload'));
    await runUploader(home);
    expect(home.notices[0]?.text).toContain(
      `upload_queues: program "${program}" is not there yet; use "dupload" or "copy"`,
    );
  });
});

describe('reporting to the store', () => {
  it('reports what an earlier run uploaded but was killed before it could report', async () => {
    const home = await withCopy();
    await addBuilt(home);
    const name = putUpload(home.queue);
    utimesSync(join(home.queue, name), 1, 1);
    writeFileSync(
      join(home.queue, 'greet_1.0_amd64.upload'),
      `u x here now\ns ${name} here Thu Nov  5 09:15:02 2026\n`,
    );
    expect(await runUploader(home)).toMatchObject({ uploaded: [], reportedLate: [`upload/${name}`] });
    expect(namesIn(home.incoming)).toEqual([]);
    expect(await runUploader(home)).toMatchObject({ uploaded: [], reportedLate: [] });
    expect((await actionsOf(home)).filter((action) => action === 'uploaded')).toHaveLength(1);
  });

  it('uploads again as a whole what a killed run left half done', async () => {
    const home = await withCopy();
    await addBuilt(home);
    const name = putUpload(home.queue);
    writeFileSync(join(home.queue, 'greet_1.0_amd64.upload'), 'u greet_1.0_amd64.deb here Thu Nov  5 09:15:02 2026\n');
    expect(await runUploader(home)).toMatchObject({ uploaded: [`upload/${name}`] });
    expect(namesIn(home.incoming)).toEqual(['greet_1.0_amd64.changes', 'greet_1.0_amd64.deb']);
  });

  it('uploads a rebuilt package again although the .upload of the one that it replaces is still there', async () => {
    const home = await withCopy();
    await addBuilt(home);
    putUpload(home.queue);
    await runUploader(home);
    rmSync(home.incoming, { recursive: true });
    utimesSync(join(home.queue, 'greet_1.0_amd64.upload'), 1, 1);
    putUpload(home.queue, { files: { 'greet_1.0_amd64.deb': 'built once more' } });
    expect(await runUploader(home)).toMatchObject({ uploaded: ['upload/greet_1.0_amd64.changes'] });
    expect(readFileSync(join(home.incoming, 'greet_1.0_amd64.deb'), 'utf8')).toBe('built once more');
  });

  it('keeps the report while the store is away and brings it later', async () => {
    const home = await withCopy();
    await addBuilt(home);
    putUpload(home.queue);
    home.setStoreAway('away');
    expect(await runUploader(home)).toMatchObject({ uploaded: ['upload/greet_1.0_amd64.changes'], waiting: 1 });
    expect(await stateOf(home)).toBe('Built');
    home.setStoreAway('back');
    // As after a restart: nobody alive owns the intent.
    home.db.sql.prepare(`update intents set owner = '1 1 another-boot'`).run();
    await runUploader(home);
    expect(await stateOf(home)).toBe('Uploaded');
  });

  it('names the binNMU version and the claim of the build that it belongs to', async () => {
    const home = await withCopy();
    await addBuilt(home);
    const build = {
      package: 'greet',
      version: '1.0',
      distribution: 'sid',
      architecture: 'amd64',
      builderUser: 'builder',
      take: { mailLogs: null, suppressSuccessfulLogs: false },
    };
    beginBuild(home.db, { ...build, claim: 7, binNmu: { number: 2, changelog: 'Rebuild' } }, new Date());
    const text = changesText({ version: '1.0+b2' }).replace('Source: greet', 'Source: greet (1.0)');
    putUpload(home.queue, { version: '1.0+b2' });
    writeFileSync(join(home.queue, 'greet_1.0+b2_amd64.changes'), text);
    await runUploader(home);
    const effects = home.db.sql
      .prepare(`select effects from intents where what like 'uploaded %'`)
      .pluck()
      .get() as string;
    expect(JSON.parse(effects)).toMatchObject([
      { kind: 'store', report: { action: 'uploaded', package: 'greet', version: '1.0+b2', claim: 7, user: 'builder' } },
    ]);
  });

  it('mails the admin when the store will not note the upload, and does not ask it again', async () => {
    const home = await withCopy();
    putUpload(home.queue);
    await runUploader(home);
    expect(home.notices).toHaveLength(1);
    expect(home.notices[0]?.subject).toBe('greet_1.0 is uploaded, but the store refused to note it (dist=sid)');
    expect(home.notices[0]?.refusal).toContain('not registered yet');
    expect(home.logged.join('\n')).toContain(
      'the store refused to note upload/greet_1.0_amd64.changes as uploaded: greet: not registered yet.',
    );
    await runUploader(home);
    expect(home.notices).toHaveLength(1);
  });

  it('reports each distribution of the .changes that this buildd builds', async () => {
    const home = await make(
      `${homeConf}[[distributions]]\ndist_name = "sid-test"\nbuilt_architecture = "amd64"\nwanna_build_db_user = "builder"\n[[upload_queues]]\nprogram = "copy"\ntarget = "incoming"\n`,
    );
    await addBuilt(home);
    await addBuilt(home, 'greet', '1.0', 'sid-test');
    putUpload(join(home.paths.root, 'upload'), { distribution: 'sid sid-test other' });
    await runUploader(home);
    expect((await actionsOf(home)).at(-1)).toBe('uploaded');
    expect((await actionsOf(home, 'greet', 'sid-test')).at(-1)).toBe('uploaded');
  });

  it('uploads for distributions that are not ours without a report', async () => {
    const home = await withCopy();
    putUpload(home.queue, { distribution: 'elsewhere' });
    expect(await runUploader(home)).toMatchObject({ uploaded: ['upload/greet_1.0_amd64.changes'], failed: [] });
    expect(await runUploader(home)).toMatchObject({ uploaded: [], reportedLate: [] });
  });
});

describe('one uploader at a time', () => {
  it('a second one says who is at work and does nothing', async () => {
    const home = await withCopy();
    await addBuilt(home);
    putUpload(home.queue);
    const [first, second] = await Promise.all([runUploader(home), runUploader(home)]);
    expect(first).toMatchObject({ uploaded: ['upload/greet_1.0_amd64.changes'] });
    expect(second).toEqual({ kind: 'busy', pid: process.pid });
    expect((await actionsOf(home)).filter((action) => action === 'uploaded')).toHaveLength(1);
  });
});

describe('the queue directories', () => {
  it('are those of the distributions when no [[upload_queues]] is configured, uploaded to dupload_to', async () => {
    const home = await withDupload();
    const other = await make(
      `dupload_to = "nowhere"\n${homeConf.replace('[mail]', 'dupload_local_queue_dir = "upload-sid"\n[mail]')}`,
    );
    putUpload(join(other.paths.root, 'upload-sid'));
    writeFileSync(join(other.paths.root, '.dupload.conf'), readFileSync(join(home.paths.root, '.dupload.conf')));
    expect(await runUploader(other)).toMatchObject({ failed: [{ job: 'upload-sid/greet_1.0_amd64.changes' }] });
    expect(other.notices[0]?.text).toContain('Unknown host nowhere');
  });

  it('may be missing: then there is nothing to do', async () => {
    const home = await withCopy();
    expect(await runUploader(home)).toEqual({ kind: 'ran', uploaded: [], reportedLate: [], failed: [], waiting: 0 });
  });
});

describe('hostile uploads', () => {
  const refused = async (prepare: (queue: string) => void): Promise<string> => {
    const home = await withDupload();
    mkdirSync(home.queue, { recursive: true });
    prepare(home.queue);
    const summary = await runUploader(home);
    expect(summary).toMatchObject({ uploaded: [] });
    expect(namesIn(home.incoming)).toEqual([]);
    return home.notices.map((notice) => notice.text).join('\n');
  };

  it('refuses a file name with a directory in it', async () => {
    const said = await refused((queue) => {
      const name = putUpload(queue);
      writeFileSync(join(queue, name), changesText({}).replaceAll('greet_1.0_amd64.deb', '../buildd.conf'));
    });
    expect(said).toContain('"../buildd.conf" is not a file name; only a plain name without directories is taken');
  });

  it('never lets a shell see a name that only Checksums-Sha1 has', async () => {
    const said = await refused((queue) => {
      const name = putUpload(queue);
      const text = changesText({}).replace(
        'Checksums-Sha1:',
        `Checksums-Sha1:\n ${'0'.repeat(40)} 1 $(touch\${IFS}owned)`,
      );
      writeFileSync(join(queue, name), text);
    });
    expect(said).toContain('checksums-sha1 has a line that does not fit Checksums-Sha256');
  });

  it('refuses a file that is a symbolic link', async () => {
    const said = await refused((queue) => {
      putUpload(queue);
      rmSync(join(queue, 'greet_1.0_amd64.deb'));
      symlinkSync('/etc/hostname', join(queue, 'greet_1.0_amd64.deb'));
    });
    expect(said).toContain('greet_1.0_amd64.deb is not a plain file');
  });

  it('refuses a .changes that is a symbolic link', async () => {
    const said = await refused((queue) => {
      const name = putUpload(queue);
      rmSync(join(queue, name));
      symlinkSync('/etc/hostname', join(queue, name));
    });
    expect(said).toContain('greet_1.0_amd64.changes is not a plain file');
  });

  it('refuses the same size with another content', async () => {
    const said = await refused((queue) => {
      putUpload(queue);
      writeFileSync(join(queue, 'greet_1.0_amd64.deb'), 'the binary package 1.1');
    });
    expect(said).toContain('greet_1.0_amd64.deb has another SHA-256 than the .changes says');
  });

  it('refuses a name that is not one, and a file that is not a .changes', async () => {
    const said = await refused((queue) => {
      writeFileSync(join(queue, 'a b;c.changes'), '');
      writeFileSync(join(queue, 'empty.changes'), '');
      writeFileSync(join(queue, 'prose.changes'), 'Dear admin,\nplease upload.\n');
    });
    expect(said).toContain('a b;c.changes: is not the name of a .changes file');
    expect(said).toContain('empty.changes: 0 stanzas instead of one');
    expect(said).toContain('prose.changes: line 1: not a field: Dear admin,');
  });

  it('refuses a .changes that it may not read', async () => {
    if (process.getuid?.() === 0) {
      // Root reads everything: a directory in its place is as unreadable.
      const said = await refused((queue) => mkdirSync(join(queue, 'x.changes')));
      expect(said).toContain('x.changes is not a plain file');
      return;
    }
    const said = await refused((queue) => {
      const name = putUpload(queue);
      chmodSync(join(queue, name), 0);
    });
    expect(said).toContain('cannot be read');
  });
});
