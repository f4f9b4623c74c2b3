import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dpkgBuilder } from '../../src/builder/dpkg.ts';
import { tailLines } from '../../src/builder/log-excerpt.ts';
import { summaryOf } from '../../src/builder/log-summary.ts';
import { reasonsOf } from '../../src/builder/reasons/reasons-of.ts';
import { parseChanges } from '../../src/debian/changes.ts';
import type { BuildJob } from '../../src/builder/job.ts';
import { buildWorld, hostArchitecture, type BuildWorld } from '../support/build-world.ts';
import { listing, makeSourcePackage, makeWrittenPackage, type WrittenPackage } from '../support/source-package.ts';
import { endAgent, makeSigningKey } from '../support/gpg-key.ts';
import { isSignedBy } from '../support/signed-file.ts';
import { contentIn, putUpload } from '../support/upload-home.ts';

const builder = dpkgBuilder({ sandbox: 'bubblewrap', network: 'none', killAfter: 2 });
const arch = hostArchitecture();
let world: BuildWorld;
beforeEach(() => {
  world = buildWorld();
});
afterEach(() => world.remove());

const written = (build: readonly string[], more: Partial<WrittenPackage> = {}, job: Partial<BuildJob> = {}): BuildJob =>
  world.job({
    package: 'hostile',
    dscFile: makeWrittenPackage({ name: 'hostile', build, ...more }, world.sources),
    ...job,
  });
const inBuild = (name: string): string => join(world.home, 'build', name);
const isRunning = (command: string): boolean => spawnSync('pgrep', ['-f', '--', `^${command}`]).status === 0;
const reasonIn = async (logFile: string | null) => {
  const lines = await tailLines(logFile ?? '', 2000);
  return reasonsOf(lines, summaryOf(lines))[0];
};

describe('the dpkg builder', () => {
  it('can work on this machine', async () => {
    expect(await builder.unusable(world.job())).toBeNull();
  });

  it('builds a package and leaves its results, and only those, in the build directory', async () => {
    const outcome = await world.build(builder, world.job({ dscFile: makeSourcePackage('greet', world.sources) }));
    expect(outcome).toMatchObject({
      result: 'successful',
      failStage: null,
      remark: null,
      changesFile: `greet_1.0_${arch}.changes`,
    });
    expect(readdirSync(join(world.home, 'build')).sort()).toEqual([
      `greet_1.0_${arch}.buildinfo`,
      `greet_1.0_${arch}.changes`,
      `greet_1.0_${arch}.deb`,
    ]);
    expect(readFileSync(inBuild(`greet_1.0_${arch}.changes`), 'utf8')).toContain('Distribution: bookworm');
    expect(outcome.log).toContain('PASS: Hello, Ada.');
    expect(outcome.log).toMatch(
      /\nStatus: successful\nVersion: 1.0\n-+\nFinished at .+\nBuild needed 00:00:\d\d, \d+k disk space\n$/,
    );
    expect(outcome.diskUsed).toBeGreaterThan(0);
  });

  it('writes a log that opens as sbuild opens one', async () => {
    const { log } = await world.build(builder, world.job({ dscFile: makeSourcePackage('greet', world.sources) }));
    expect(log).toMatch(
      /^mailbuildd \(dpkg builder\) on \S+\n\n\+=+\+\n\| greet 1\.0 \(\w+\) {5,}\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000 \|\n\+=+\+\n/,
    );
    const boxes = [...log.matchAll(/^\| (.+?) +\|$/gm)].slice(1).map((match) => match[1]);
    expect(boxes).toEqual([
      'Fetch source files',
      'Unpack source',
      'Check package build dependencies',
      'Build',
      'Changes',
      'Cleanup',
      'Summary',
    ]);
    expect(new Set([...log.matchAll(/^[+|].*[+|]$/gm)].map(([line]) => line.length))).toEqual(new Set([80]));
  });

  it('calls a package that does not compile attempted, and the log shows the likely reason', async () => {
    const outcome = await world.build(
      builder,
      world.job({ package: 'broken-greet', dscFile: makeSourcePackage('broken-greet', world.sources) }),
    );
    expect(outcome).toMatchObject({ result: 'attempted', failStage: 'build', changesFile: null });
    expect(await reasonIn(outcome.logFile)).toMatchObject({
      id: 'compiler-error',
      lines: ['broken-greet.c:5:28: error: ‘guest’ undeclared (first use in this function)'],
    });
    expect(readdirSync(join(world.home, 'build'))).toEqual([]);
  });

  it('gives a package back whose build dependencies are missing, and proposes the dep-wait', async () => {
    const outcome = await world.build(
      builder,
      written(['true'], { buildDepends: 'build-essential, libnothere-dev (>= 1.2)' }),
    );
    expect(outcome).toMatchObject({ result: 'given-back', failStage: 'install-deps' });
    expect(await reasonIn(outcome.logFile)).toMatchObject({
      id: 'missing-build-dependency',
      proposal: { answer: 'dep-wait libnothere-dev (>= 1.2)' },
    });
  });

  it('checks the extra build dependencies that the store asks for', async () => {
    const outcome = await world.build(builder, written(['true'], {}, { extraDepends: 'libextra-dev (>= 3)' }));
    expect(outcome).toMatchObject({ result: 'given-back', failStage: 'install-deps' });
    expect(outcome.log).toContain('Unmet build dependencies: libextra-dev (>= 3)');
  });

  it('makes a binNMU with the names and fields that sbuild gives it', async () => {
    const job = world.job({
      dscFile: makeSourcePackage('greet', world.sources),
      binNmu: { number: 2, changelog: 'Rebuild for libfoo2.\n -- Eve <eve@example.org>  never' },
      maintainer: 'Test Builder <t@example.org>',
    });
    const outcome = await world.build(builder, job);
    expect(outcome).toMatchObject({ result: 'successful', changesFile: `greet_1.0+b2_${arch}.changes` });
    const text = readFileSync(inBuild(`greet_1.0+b2_${arch}.changes`), 'utf8');
    expect(parseChanges(text)).toMatchObject({ source: 'greet', sourceVersion: '1.0', version: '1.0+b2' });
    expect(text).toContain('Source: greet (1.0)\n');
    expect(text).toContain('Binary-Only: yes\n');
    expect(text).toContain('Changed-By: Test Builder <t@example.org>\n');
    expect(text).toContain(
      `   * Binary-only non-maintainer upload for ${arch}; no source changes.\n   * Rebuild for libfoo2.\n`,
    );
  });

  it('puts the suffix into the name of the .changes', async () => {
    const outcome = await world.build(
      builder,
      world.job({ dscFile: makeSourcePackage('greet', world.sources), fileSuffix: 'buildd' }),
    );
    expect(outcome.changesFile).toBe(`greet_1.0_${arch}-buildd.changes`);
    expect(existsSync(inBuild(`greet_1.0_${arch}-buildd.changes`))).toBe(true);
  });

  it('signs the .changes with the key of the home', async () => {
    const keyring = join(world.home, 'gnupg');
    const key = makeSigningKey(keyring, 'Test Builder <buildd@example.org>');
    try {
      const outcome = await world.build(
        builder,
        world.job({ dscFile: makeSourcePackage('greet', world.sources), signWith: key }),
      );
      expect(outcome).toMatchObject({ result: 'successful', remark: null });
      expect(isSignedBy(keyring, key, inBuild(outcome.changesFile ?? ''))).toBe(true);
    } finally {
      endAgent(keyring);
    }
  });

  it('calls it a local problem when the .changes cannot be signed, and keeps what was built', async () => {
    mkdirSync(join(world.home, 'gnupg'), { mode: 0o700 });
    const signWith = 'A'.repeat(40);
    const outcome = await world.build(
      builder,
      world.job({ dscFile: makeSourcePackage('greet', world.sources), signWith }),
    );
    expect(outcome).toMatchObject({ result: 'failed', failStage: 'sign', changesFile: `greet_1.0_${arch}.changes` });
    expect(outcome.remark).toMatch(/^the \.changes could not be signed with A{40}: .*No secret key/);
    expect(existsSync(inBuild(`greet_1.0_${arch}.deb`))).toBe(true);
  });
});

describe('a build that cannot even begin', () => {
  it('is a local problem that says why, where no log can be made', async () => {
    const blocked = join(world.root, 'file');
    writeFileSync(blocked, '');
    const outcome = await world.build(builder, world.job({ logDirectory: join(blocked, 'logs') }));
    expect(outcome).toMatchObject({ result: 'failed', failStage: 'init', logFile: null });
    expect(outcome.remark).toMatch(/^the log could not be created: ENOTDIR: /);
  });

  it('is a local problem that says why, where the build directory cannot be made', async () => {
    const blocked = join(world.root, 'file');
    writeFileSync(blocked, '');
    const outcome = await world.build(builder, world.job({ buildDirectory: join(blocked, 'build') }));
    expect(outcome).toMatchObject({ result: 'failed', failStage: 'init' });
    expect(outcome.log).toMatch(/ENOTDIR: .*\n[^]*\nStatus: failed\n/);
  });

  it('begins anew where an interrupted build left its directory', async () => {
    mkdirSync(join(world.home, 'build', 'greet_1.0-7', 'source'), { recursive: true });
    const outcome = await world.build(builder, world.job({ dscFile: makeSourcePackage('greet', world.sources) }));
    expect(outcome.result).toBe('successful');
  });
});

describe('a source that is not what it should be', () => {
  const expectGivenBack = async (job: BuildJob, remark: string | RegExp): Promise<void> => {
    const outcome = await world.build(builder, job);
    expect(outcome).toMatchObject({ result: 'given-back', failStage: 'fetch-src' });
    expect(outcome.remark).toMatch(remark);
    expect(await reasonIn(outcome.logFile)).toMatchObject({ id: 'source-not-found', proposal: { answer: 'retry' } });
  };

  it('is given back when the .dsc is gone', async () => {
    await expectGivenBack(
      world.job({ dscFile: join(world.sources, 'greet_1.0.dsc') }),
      /greet_1\.0\.dsc: there is no such source$/,
    );
  });

  it('is given back when a file of it is gone', async () => {
    const dscFile = makeSourcePackage('greet', world.sources);
    rmSync(join(world.sources, 'greet_1.0.tar.xz'));
    await expectGivenBack(world.job({ dscFile }), 'greet_1.0.tar.xz: is missing beside greet_1.0.dsc');
  });

  it('is given back when a file of it has another size', async () => {
    const dscFile = makeSourcePackage('greet', world.sources);
    appendFileSync(join(world.sources, 'greet_1.0.tar.xz'), 'x');
    await expectGivenBack(world.job({ dscFile }), /greet_1\.0\.tar\.xz: has \d+ bytes, greet_1\.0\.dsc says \d+/);
  });

  it('is given back when a checksum is wrong', async () => {
    const dscFile = makeSourcePackage('greet', world.sources);
    const tar = join(world.sources, 'greet_1.0.tar.xz');
    const bytes = readFileSync(tar);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(tar, bytes);
    await expectGivenBack(world.job({ dscFile }), 'greet_1.0.tar.xz: its SHA-256 is not the one in greet_1.0.dsc');
  });

  it('is given back when apt does not know it', async () => {
    const outcome = await world.build(builder, world.job({ package: 'not-in-any-archive' }));
    expect(outcome).toMatchObject({
      result: 'given-back',
      failStage: 'fetch-src',
      remark: 'the source not-in-any-archive 1.0 could not be fetched',
    });
    expect(await reasonIn(outcome.logFile)).toMatchObject({ id: 'source-not-found' });
  });

  it('is given back when it is another version than the one that was taken', async () => {
    const outcome = await world.build(
      builder,
      world.job({ dscFile: makeSourcePackage('greet', world.sources), version: '2.0' }),
    );
    expect(outcome).toMatchObject({
      result: 'given-back',
      failStage: 'fetch-src',
      remark: 'greet_2.0.dsc: is greet 1.0, not greet 2.0',
    });
  });

  it('is given back when its .dsc names a file outside of its directory', async () => {
    const dscFile = makeSourcePackage('greet', world.sources);
    writeFileSync(dscFile, readFileSync(dscFile, 'utf8').replaceAll('greet_1.0.tar.xz', '../../etc/passwd'));
    const outcome = await world.build(builder, world.job({ dscFile }));
    expect(outcome).toMatchObject({
      result: 'given-back',
      remark: 'greet_1.0.dsc: "../../etc/passwd" is not a file name',
    });
  });
});

describe('a build that does not end by itself', () => {
  it('is the package’s fault when it says nothing any more', async () => {
    const outcome = await world.build(builder, written(['echo begun', 'sleep 300'], {}, { stuckTimeout: 1.5 }));
    expect(outcome).toMatchObject({ result: 'attempted', failStage: 'build', remark: 'no output for 1.5 s, stopped' });
    expect(await reasonIn(outcome.logFile)).toMatchObject({ id: 'stuck', proposal: { answer: 'retry' } });
  });

  it('is the package’s fault when it takes too long, however much it says', async () => {
    const outcome = await world.build(
      builder,
      written(['while :; do echo tick; sleep 0.1; done'], {}, { buildTimeout: 3 }),
    );
    expect(outcome).toMatchObject({
      result: 'attempted',
      failStage: 'build',
      remark: 'the build took longer than 3 s, stopped',
    });
  });

  it('is aborted when we are told to stop, and nothing of it goes on', async () => {
    const stop = new AbortController();
    const job = written(['echo begun; sleep 301.77 & sleep 302.77']);
    setTimeout(() => stop.abort(), 1500);
    const outcome = await world.build(builder, job, stop.signal);
    expect(outcome).toMatchObject({ result: 'aborted', failStage: 'abort', changesFile: null });
    expect(outcome.log).toContain('begun');
    expect(summaryOf(outcome.log.split('\n'))?.status).toBe('aborted');
    expect(isRunning('sleep 30[12].77')).toBe(false);
    expect(readdirSync(join(world.home, 'build'))).toEqual([]);
  });

  it('is ended also when it ignores TERM', async () => {
    const outcome = await world.build(
      builder,
      written(["trap '' TERM INT HUP; echo begun; while :; do sleep 0.1; done"], {}, { stuckTimeout: 1.5 }),
    );
    expect(outcome).toMatchObject({ result: 'attempted', remark: 'no output for 1.5 s, stopped' });
  });
});

describe('a hostile debian/rules', () => {
  it('sees nothing of the home, of other homes, or of what is secret in the system', async () => {
    writeFileSync(join(world.home, 'secret'), 'the secret of the home');
    mkdirSync(join(world.home, 'gnupg'));
    const outcome = await world.build(
      builder,
      written([
        `@for f in ${world.home} /home /root /run /etc/ssh; do echo "in $$f:" $$(ls -A $$f 2>/dev/null | tr '\\n' ' ')"."; done`,
        `@cat ${world.home}/secret || true`,
        '@echo shadow: $$(cat /etc/shadow | wc -c)',
        'false',
      ]),
    );
    expect(outcome.log).toContain(`in ${world.home}: build .`);
    for (const path of ['/home', '/root', '/run', '/etc/ssh'])
      if (existsSync(path)) expect(outcome.log).toContain(`in ${path}: .`);
    expect(outcome.log).toContain('shadow: 0');
    expect(outcome.log).not.toContain('the secret of the home');
  });

  it('sees nothing of our environment, no network and no other process', async () => {
    process.env['MAILBUILDD_TEST_SECRET'] = 'do not tell';
    const outcome = await world.build(
      builder,
      written([
        '@env | grep -c do.not.tell || true',
        '@echo home is $$HOME',
        '@ls /sys/class/net /proc/net/dev >/dev/null; grep -c : /proc/net/dev',
        '@echo processes: $$(ls -d /proc/[0-9]* | wc -l)',
        'false',
      ]),
    );
    delete process.env['MAILBUILDD_TEST_SECRET'];
    expect(outcome.log).toMatch(/\n0\nhome is \/nonexistent\n1\nprocesses: \d{1,2}\n/);
  });

  it('cannot write anywhere but in its own directory', async () => {
    const outcome = await world.build(
      builder,
      written([
        `@touch /usr/mailbuildd-was-here /etc/mailbuildd-was-here ${world.home}/logs/x ${world.home}/build/x 2>&1 | sed 's/^/refused: /'`,
        'false',
      ]),
    );
    expect(outcome.log).toContain('refused: touch: ');
    expect(
      ['/usr/mailbuildd-was-here', '/etc/mailbuildd-was-here', join(world.home, 'build', 'x')].filter((path) =>
        existsSync(path),
      ),
    ).toEqual([]);
  });

  it('leaves no daemon behind', async () => {
    const outcome = await world.build(builder, written(['setsid -f sleep 303.77', 'false']));
    expect(outcome.result).toBe('attempted');
    expect(isRunning('sleep 303.77')).toBe(false);
  });

  it('leaves no daemon behind without a sandbox either', async () => {
    const bare = dpkgBuilder({ sandbox: 'none', network: 'none', killAfter: 2 });
    const outcome = await world.build(bare, written(['setsid -f sleep 304.77', 'false']));
    expect(outcome.result).toBe('attempted');
    expect(isRunning('sleep 304.77')).toBe(false);
  });

  it('can print escape sequences into the log, but not into what people are shown', async () => {
    const outcome = await world.build(
      builder,
      written(["@printf 'a.c:1:1: \\033[31merror: \\033]0;owned\\007no\\n'", 'false']),
    );
    expect(outcome.log).toContain('\u001b[31m');
    expect((await reasonIn(outcome.logFile))?.lines).toEqual(['a.c:1:1: error: no']);
  });

  it('cannot pass off a summary of its own', async () => {
    const outcome = await world.build(
      builder,
      written([
        "@printf '%s\\n' '| Summary                                                                      |' '' 'Status: successful' 'Space: 1'",
        'false',
      ]),
    );
    expect(outcome.result).toBe('attempted');
    expect(summaryOf(await tailLines(outcome.logFile ?? '', 200))?.status).toBe('attempted');
  });

  it.each([
    [
      'the results of another package',
      'other_1.0_ARCH.deb',
      'other_1.0_ARCH.deb is no package of hostile: its .dsc does not name it',
    ],
    ['what the daemon reads', 'REDO', 'REDO cannot be part of an upload'],
    ['the .changes of another package', 'other_1.0_ARCH.changes', 'other_1.0_ARCH.changes cannot be part of an upload'],
  ])('cannot replace %s in build/', async (_what, pattern, why) => {
    const name = pattern.replaceAll('ARCH', arch);
    const build = join(world.home, 'build');
    const files = { [`other_1.0_${arch}.deb`]: 'the other package' };
    putUpload(build, { source: 'other', architecture: arch, files });
    writeFileSync(inBuild('REDO'), 'other_1.0 sid\n');
    const before = contentIn(build);
    const outcome = await world.build(builder, written(listing(name)));
    const remark = `hostile_1.0_${arch}.changes: ${why.replaceAll('ARCH', arch)}`;
    expect(outcome).toMatchObject({ result: 'attempted', failStage: 'build', changesFile: null, remark });
    expect(outcome.log).toContain(`\n${remark}\n`);
    expect(summaryOf(outcome.log.split('\n'))).toMatchObject({ status: 'attempted' });
    expect(contentIn(build)).toEqual(before);
  });

  it('cannot declare a package by rewriting its .dsc while it builds', async () => {
    const outcome = await world.build(
      builder,
      written([
        "sed -i 's/^Binary: .*/Binary: hostile, other/' ../hostile_1.0.dsc",
        ...listing(`other_1.0_${arch}.deb`),
      ]),
    );
    expect(outcome).toMatchObject({
      result: 'attempted',
      remark: `hostile_1.0_${arch}.changes: other_1.0_${arch}.deb is no package of hostile: its .dsc does not name it`,
    });
  });

  it('cannot keep its directory from being removed', async () => {
    const outcome = await world.build(
      builder,
      written([
        'mkdir -p locked/in && touch locked/in/file && chmod -R a-w locked && chmod 0 locked',
        'ln -s / ../root',
        'false',
      ]),
    );
    expect(outcome.result).toBe('attempted');
    expect(readdirSync(join(world.home, 'build'))).toEqual([]);
  });
});
