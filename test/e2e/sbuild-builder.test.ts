import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildJob } from '../../src/builder/job.ts';
import { tailLines } from '../../src/builder/log-excerpt.ts';
import { summaryOf } from '../../src/builder/log-summary.ts';
import { reasonsOf } from '../../src/builder/reasons/reasons-of.ts';
import { sbuildBuilder } from '../../src/builder/sbuild.ts';
import { buildWorld, hostArchitecture, type BuildWorld } from '../support/build-world.ts';
import {
  chrootDistribution,
  chrootName,
  chrootProblem,
  chrootUser,
  ensureChroot,
  isSessionOpen,
} from '../support/chroot.ts';
import { listing, makeSourcePackage, makeWrittenPackage } from '../support/source-package.ts';
import { endAgent, makeSigningKey } from '../support/gpg-key.ts';
import { isSignedBy } from '../support/signed-file.ts';
import { contentIn, putUpload } from '../support/upload-home.ts';

const arch = hostArchitecture();
const builder = sbuildBuilder({ user: chrootUser, sbuildArgs: [], killAfter: 60 });
const reasonIn = async (logFile: string | null) => {
  const lines = await tailLines(logFile ?? '', 2000);
  return reasonsOf(lines, summaryOf(lines))[0];
};
const isRunning = (command: string): boolean => spawnSync('pgrep', ['-f', '--', `^${command}`]).status === 0;
const problem = chrootProblem();

describe.skipIf(problem !== null)(`the sbuild builder${problem === null ? '' : ` (${problem})`}`, () => {
  let world: BuildWorld;
  let key: string;
  let keyring: string;
  beforeAll(() => {
    ensureChroot();
    world = buildWorld();
    for (const name of ['build', 'stats']) mkdirSync(join(world.home, name));
    keyring = join(world.home, 'gnupg');
    key = makeSigningKey(keyring, 'Test Builder <buildd@example.org>');
    endAgent(keyring);
    chmodSync(world.root, 0o711);
    execFileSync('chown', ['-R', chrootUser, world.home]);
  });
  afterAll(() => {
    endAgent(keyring);
    world.remove();
  });
  const job = (changed: Partial<BuildJob>): BuildJob =>
    world.job({ distribution: chrootDistribution(), chroot: chrootName(), ...changed });
  const slow = (name: string): BuildJob =>
    job({
      package: name,
      dscFile: makeWrittenPackage({ name, build: ['@echo the build has begun', 'sleep 305.77'] }, world.sources),
    });
  const whenBegun = async (path: () => string): Promise<void> => {
    while (!readFileSync(path() || '/dev/null', 'utf8').includes('the build has begun')) await delay(100);
  };

  it('can work with the chroot, and says in one line when there is none', async () => {
    expect(await builder.unusable(job({}))).toBeNull();
    expect(await builder.unusable(job({ chroot: 'nowhere' }))).toMatch(
      /^there is no schroot chroot nowhere or nowhere-\w+-sbuild: make one/,
    );
  });

  it('builds a package and leaves its results in the build directory', async () => {
    const outcome = await world.build(builder, job({ dscFile: makeSourcePackage('greet', world.sources) }));
    expect(outcome).toMatchObject({
      result: 'successful',
      failStage: null,
      remark: null,
      changesFile: `greet_1.0_${arch}.changes`,
    });
    const made = ['.buildinfo', '.changes', '.deb'].map((suffix) => `greet_1.0_${arch}${suffix}`);
    expect(readdirSync(join(world.home, 'build')).sort()).toEqual(made);
    expect(outcome.log).toMatch(/^sbuild \(Debian sbuild\)/);
    expect(outcome.log).toContain('PASS: Hello, Ada.');
    expect(summaryOf(outcome.log.split('\n'))).toMatchObject({ status: 'successful', version: '1.0' });
    expect(outcome.diskUsed).toBeGreaterThan(0);
  });

  it('makes a binNMU, signed, with our suffix in its name', async () => {
    const outcome = await world.build(
      builder,
      job({
        dscFile: makeSourcePackage('greet', join(world.sources, 'again')),
        binNmu: { number: 2, changelog: "Rebuild; it's for libfoo2" },
        maintainer: 'Test Builder <buildd@example.org>',
        signWith: key,
        fileSuffix: 'buildd',
      }),
    );
    expect(outcome).toMatchObject({
      result: 'successful',
      remark: null,
      changesFile: `greet_1.0+b2_${arch}-buildd.changes`,
    });
    const changes = join(world.home, 'build', outcome.changesFile ?? '');
    expect(readFileSync(changes, 'utf8')).toContain("   * Rebuild; it's for libfoo2\n");
    expect(isSignedBy(keyring, key, changes)).toBe(true);
  });

  it('calls a package that does not compile attempted, and the log shows the likely reason', async () => {
    const outcome = await world.build(
      builder,
      job({ package: 'broken-greet', dscFile: makeSourcePackage('broken-greet', world.sources) }),
    );
    expect(outcome).toMatchObject({ result: 'attempted', failStage: 'build', changesFile: null });
    expect(await reasonIn(outcome.logFile)).toMatchObject({
      id: 'compiler-error',
      lines: ['broken-greet.c:5:28: error: ‘guest’ undeclared (first use in this function)'],
    });
  });

  it('lets a hostile package take nothing of another package’s results, and says so', async () => {
    const build = join(world.home, 'build');
    const files = { [`other_1.0_${arch}.deb`]: 'the other package' };
    putUpload(build, { source: 'other', architecture: arch, files });
    const before = contentIn(build);
    const dscFile = makeWrittenPackage({ name: 'hostile', build: listing(`other_1.0_${arch}.deb`) }, world.sources);
    const outcome = await world.build(builder, job({ package: 'hostile', dscFile }));
    const remark = `hostile_1.0_${arch}.changes: other_1.0_${arch}.deb is no package of hostile: its .dsc does not name it`;
    expect(outcome).toMatchObject({ result: 'attempted', failStage: 'build', changesFile: null, remark });
    expect(outcome.log).toContain(`E: ${remark}\n`);
    expect(summaryOf(outcome.log.split('\n'))).toMatchObject({ status: 'attempted', failStage: 'build' });
    expect(contentIn(build)).toEqual(before);
  });

  it('gives a package back whose build dependencies cannot be installed, and proposes the dep-wait', async () => {
    const dscFile = makeWrittenPackage(
      { name: 'wanting', build: ['true'], buildDepends: 'libnothere-dev (>= 1.2), make (>= 99)' },
      world.sources,
    );
    const outcome = await world.build(builder, job({ package: 'wanting', dscFile }));
    expect(outcome).toMatchObject({ result: 'given-back', failStage: 'install-deps' });
    expect(await reasonIn(outcome.logFile)).toMatchObject({
      id: 'missing-build-dependency',
      proposal: { answer: 'dep-wait libnothere-dev (>= 1.2), make (>= 99)' },
    });
  });

  it('gives a package back whose source is not in the archive', async () => {
    const outcome = await world.build(builder, job({ package: 'not-in-any-archive' }));
    expect(outcome).toMatchObject({ result: 'given-back', failStage: 'fetch-src' });
    expect(await reasonIn(outcome.logFile)).toMatchObject({ id: 'source-not-found' });
  });

  it('is aborted, not attempted, when we stop it while it builds, and leaves nothing running', async () => {
    const stop = new AbortController();
    let logFile = '';
    const ending = builder.build(slow('slow'), stop.signal, (path) => {
      logFile = path;
    });
    await whenBegun(() => logFile);
    stop.abort();
    expect(await ending).toMatchObject({ result: 'aborted', changesFile: null });
    expect(isRunning('sleep 305.77')).toBe(false);
    expect(isSessionOpen(readFileSync(logFile, 'utf8'))).toBe(false);
  });

  it('ends the chroot session itself when sbuild had to be killed', async () => {
    const impatient = sbuildBuilder({ user: chrootUser, sbuildArgs: [], killAfter: 0 });
    const stop = new AbortController();
    let logFile = '';
    const ending = impatient.build(slow('slower'), stop.signal, (path) => {
      logFile = path;
    });
    await whenBegun(() => logFile);
    stop.abort();
    expect(await ending).toMatchObject({ result: 'aborted' });
    expect(readFileSync(logFile, 'utf8')).toMatch(
      /I: mailbuildd: ended the schroot session \S+\n[^]*Status: aborted\n/,
    );
    expect(isSessionOpen(readFileSync(logFile, 'utf8'))).toBe(false);
    expect(isRunning('sleep 305.77')).toBe(false);
  });
});
