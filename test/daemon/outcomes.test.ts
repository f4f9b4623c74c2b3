// What comes of a build: the store, the files of the home, the mails. The real loop with a builder that a test leads.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lastBuildOf } from '../../src/home/builds.ts';
import { closeIntent, openIntent } from '../../src/home/intent.ts';
import { allWaiting, stopWaiting } from '../../src/home/waiting.ts';
import { hostArchitecture } from '../support/build-world.ts';
import { daemonHome, startLoop, stopLoops, type DaemonHome } from '../support/daemon-home.ts';
import { makeSourcePackage } from '../support/source-package.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

afterEach(stopLoops);

const failedBefore = async (home: DaemonHome): Promise<void> => {
  await home.add('sid', 'greet_1.0');
  await home.event('sid', 'greet', { kind: 'take', version: '1.0' });
  await home.event('sid', 'greet', { kind: 'failed', version: '1.0', reason: 'does not link' });
  await home.add('sid', 'greet_2.0');
};

describe('a build that ends', () => {
  it('well, is Built and mailed', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    const loop = await startLoop(home);
    const mail = await home.untilMailed(/greet/);
    await loop.stop();
    expect(mail).toMatchObject({
      to: 'admin@example.org',
      subject: `Log for successful build of greet_1.0 on amd64 (dist=sid)`,
    });
    expect(mail.text).toContain('building greet for a test');
    expect(await home.state('greet')).toBe('Built');
    expect(home.read('build/SBUILD-GIVEN-BACK')).toBe('');
  });

  it("by the package's fault, is Build-Attempted", async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    home.exitWith('greet', 2);
    const loop = await startLoop(home);
    await home.untilMailed(/^Log for attempted build of greet_1\.0/);
    await loop.stop();
    expect(await home.state('greet')).toBe('Build-Attempted');
    expect(home.read('build/SBUILD-GIVEN-BACK')).toBe('');
  });

  it.each([
    ["by nobody's fault", 3, 'given-back'],
    ['for a local reason', 1, 'failed'],
  ])(
    '%s, is given back with a line in SBUILD-GIVEN-BACK, and is not taken again before its delay is over',
    async (_why, code, result) => {
      const home = daemonHome();
      await home.add('sid', 'greet');
      home.exitWith('greet', code);
      const loop = await startLoop(home);
      await home.untilMailed(new RegExp(`^Log for ${result} build of greet_1\\.0`));
      expect(await home.state('greet')).toBe('Needs-Build');
      const [, at = ''] = /^greet_1\.0 (\d+)\n$/.exec(home.read('build/SBUILD-GIVEN-BACK')) ?? [];
      expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(60);
      await home.add('sid', 'other');
      loop.control.wake();
      await home.untilBegun('other_1.0');
      // As if it had been 480 minutes ago.
      home.write('build/SBUILD-GIVEN-BACK', `greet_1.0 ${Number(at) - 480 * 60}\n`);
      rmSync(join(home.root, 'exit/greet'));
      loop.control.wake();
      await until('greet being Built', 20, () =>
        loop.logged.some((line) => /greet_1\.0 \(sid\), build \d+: successful/.test(line)) ? true : null,
      );
      await loop.stop();
      expect(home.begun()).toEqual(['greet_1.0 sid', 'other_1.0 sid', 'greet_1.0 sid']);
      expect(home.read('build/SBUILD-GIVEN-BACK')).toBe('');
    },
  );

  it('too late, after its package got a newer version, changes nothing, and the admin hears so', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    home.hold('greet');
    const loop = await startLoop(home);
    await home.untilBegun('greet_1.0');
    await home.add('sid', 'greet_2.0');
    home.exitWith('greet', 2);
    home.hold('greet');
    home.release('greet');
    const mail = await home.untilMailed(/^Result of greet_1\.0 was not recorded \(dist=sid\)$/);
    expect(mail.text).toContain(
      'The build of greet_1.0 for sid on amd64 ended (attempted), but its result was not recorded.',
    );
    await loop.stop();
    expect(await home.record('greet')).toMatchObject({ version: '2.0' });
    expect(
      (await home.transactions('greet')).filter((row) => row.action === 'attempted' && row.version === '1.0'),
    ).toEqual([]);
  });
});

describe('a package that failed in the version before', () => {
  it('is not built but asked about, stays taken, and waits', async () => {
    const home = daemonHome();
    await failedBefore(home);
    const loop = await startLoop(home);
    const mail = await home.untilMailed(/^Should I build greet_2\.0 \(dist=sid\)\?$/);
    expect(mail.text).toContain('does not link');
    await home.add('sid', 'other');
    loop.control.wake();
    await home.untilBegun('other_1.0');
    expect(home.begun()).toEqual(['other_1.0 sid']);
    expect(await home.record('greet')).toMatchObject({ state: 'Building', builder: 'builder', version: '2.0' });
    expect(allWaiting(loop.ports.db)).toMatchObject([{ package: 'greet', version: '2.0', distribution: 'sid' }]);
    expect(
      lastBuildOf(loop.ports.db, { package: 'greet', version: '2.0', distribution: 'sid', architecture: 'amd64' })
        ?.state,
    ).toBe('asking');
    await loop.stop();
    // It is neither lost nor built by the next daemon either.
    const next = await startLoop(home);
    await home.add('sid', 'third');
    next.control.wake();
    await home.untilMailed(/third/);
    expect(home.read('build/REDO')).toBe('');
    expect(home.mails().filter((one) => one.subject.startsWith('Should I build'))).toHaveLength(1);
    // The answer `build`: into REDO.
    stopWaiting(next.ports.db, { package: 'greet', distribution: 'sid', architecture: 'amd64' });
    home.write('build/REDO', 'greet_2.0 sid\n');
    await home.untilBegun('greet_2.0');
    await next.stop();
  });

  it('is asked about by the next daemon where the one that took it died before it could ask', async () => {
    const home = daemonHome();
    await failedBefore(home);
    await home.event('sid', 'greet', { kind: 'take', version: '2.0' });
    await home.add('sid', 'other');
    const loop = await startLoop(home);
    await home.untilMailed(/^Should I build greet_2\.0 \(dist=sid\)\?$/);
    await home.untilMailed(/other/);
    await loop.stop();
    expect(home.begun()).toEqual(['other_1.0 sid']);
    expect(await home.record('greet')).toMatchObject({ state: 'Building', claim: 2 });
  });

  it('is built where should_build_msgs is off', async () => {
    const home = daemonHome('should_build_msgs = false');
    await failedBefore(home);
    const loop = await startLoop(home);
    await home.untilBegun('greet_2.0');
    await loop.stop();
  });
});

describe('SKIP', () => {
  it('keeps what was taken from being built, once, and gives it back', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet', 'other');
    home.write('build/SKIP', 'greet_1.0 sid\n');
    const loop = await startLoop(home);
    await home.untilBegun('other_1.0');
    await until('greet given back', 20, () => (home.read('build/SBUILD-GIVEN-BACK') === '' ? null : true));
    await loop.stop();
    expect(home.begun()).toEqual(['other_1.0 sid']);
    expect(home.read('build/SKIP')).toBe('');
    expect(loop.logged).toContain('greet_1.0 (sid) is in SKIP: not built');
    expect(await home.state('greet')).toBe('Needs-Build');
  });

  it('takes a line out of REDO; where a newer version has come, nothing else happens', async () => {
    const home = daemonHome('no_auto_build = ["greet"]');
    await home.add('sid', 'greet_2.0', 'other');
    home.write('build/SKIP', 'greet_1.0 sid\n');
    home.write('build/REDO', 'greet_1.0 sid\n');
    const loop = await startLoop(home);
    await home.untilBegun('other_1.0');
    await loop.stop();
    expect(home.begun()).toEqual(['other_1.0 sid']);
    expect(home.read('build/REDO') + home.read('build/SKIP')).toBe('');
    expect(await home.record('greet')).toMatchObject({ state: 'Needs-Build', version: '2.0', claim: 0 });
  });
});

describe('local problems in a row', () => {
  it('more than max_sbuild_fails: a mail with the last lines, and a pause that USR2 ends', async () => {
    const home = daemonHome('max_sbuild_fails = 1');
    await home.add('sid', 'a1', 'b1', 'c1');
    for (const name of ['a1', 'b1']) home.exitWith(name, 1);
    const loop = await startLoop(home);
    // Sent before there is a pause: not meant for it.
    loop.control.endPause();
    const mail = await home.untilMailed(/^Repeated mess with sbuild$/);
    expect(mail.text).toMatch(
      /^More than 1 builds in a row ended with a local problem, the last one \(b1_1\.0\) with:$/m,
    );
    expect(mail.text).toContain('building b1 for a test');
    expect(loop.logged).toContain('repeated local problems: sleeping 3600 s, or until SIGUSR2');
    loop.control.wake();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(home.begun()).toEqual(['a1_1.0 sid', 'b1_1.0 sid']);
    loop.control.endPause();
    await home.untilBegun('c1_1.0');
    await loop.stop();
    expect(home.mails().filter((one) => one.subject === 'Repeated mess with sbuild')).toHaveLength(1);
  });

  it('do not keep the daemon from stopping, nor from reading its configuration', async () => {
    const home = daemonHome('max_sbuild_fails = 0');
    await home.add('sid', 'a1');
    home.exitWith('a1', 1);
    const loop = await startLoop(home);
    await loop.untilLogged(/^repeated local problems/);
    loop.control.requestReload();
    await loop.untilLogged(/^read the configuration again$/);
    home.write('EXIT-DAEMON-PLEASE', '');
    expect(await loop.ended).toBe('stopped');
    await loop.stop();
  });
});

describe('a builder that is not there', () => {
  it('takes nothing, says so once in the log and in a mail, and builds when it is there again', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    home.write('build/REDO', 'greet_1.0 sid\n');
    const script = home.read('build.sh');
    rmSync(join(home.root, 'build.sh'));
    const loop = await startLoop(home);
    const mail = await home.untilMailed(/^Builder cannot work: /);
    const reason = `${home.root}/build.sh is not there or cannot be executed; builder.command in buildd.conf names it`;
    expect(mail.text.replace(/\s+/g, ' ')).toContain('build.sh is not there or cannot be executed');
    loop.control.wake();
    await home.add('sid', 'other');
    loop.control.wake();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(loop.logged.filter((line) => line.startsWith('Builder cannot work'))).toEqual([
      `Builder cannot work: ${reason}; nothing is taken for it`,
    ]);
    expect(await home.record('greet')).toMatchObject({ state: 'Needs-Build', claim: 0 });
    expect(home.read('build/REDO')).toBe('greet_1.0 sid\n');
    writeFileSync(join(home.root, 'build.sh'), script, { mode: 0o755 });
    loop.control.wake();
    await home.untilMailed(/^Log for successful build of other_1\.0/);
    await loop.stop();
    expect(loop.logged).toContain('the builder can work again');
    expect(home.mails().filter((one) => one.subject.startsWith('Builder cannot work'))).toHaveLength(1);
    expect(home.begun()).toEqual(['greet_1.0 sid', 'other_1.0 sid']);
    expect(home.read('build/SBUILD-GIVEN-BACK')).toBe('');
  });
});

describe('a result that the store refuses though the package is Building by us', () => {
  const refusal = 'greet: version mismatch (1.0+b4 by builder)';

  const refusedBuild = async (): Promise<DaemonHome> => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    home.inStoreFile(`update packages set binary_nmu_version = 3`);
    home.hold('greet');
    return home;
  };

  const renumberAndRelease = async (home: DaemonHome): Promise<void> => {
    await home.untilBegun('greet_1.0+b3');
    home.inStoreFile(`update packages set binary_nmu_version = 4`);
    home.release('greet');
  };

  it('is said with the reason, and the package is built once more, as the store wants it now', async () => {
    const home = await refusedBuild();
    const loop = await startLoop(home);
    await renumberAndRelease(home);
    const mail = await home.untilMailed(/^Result of greet_1\.0 was not recorded/);
    expect(mail.text).toContain(`Reason: ${refusal}`);
    expect(mail.text).toContain('goes into REDO');
    await home.untilMailed(/^Log for successful build of greet_1\.0\+b4/);
    await loop.stop();
    expect(loop.logged).toContain(
      `built greet_1.0 (sid): refused by the store: ${refusal}; it is still Building by us: into REDO`,
    );
    expect(home.begun()).toEqual(['greet_1.0+b3 sid', 'greet_1.0+b4 sid']);
    expect(await home.state('greet')).toBe('Built');
  });

  it('in the same words as before is not built again: the admin is told what to do', async () => {
    const home = await refusedBuild();
    const loop = await startLoop(home);
    const draft = { what: 'built greet_1.0 (sid)', subject: null, effects: [], mails: [], refusalMails: [] };
    const earlier = openIntent(loop.ports.db, draft, new Date());
    closeIntent(loop.ports.db, earlier, refusal, new Date());
    await renumberAndRelease(home);
    const mail = await home.untilMailed(/^greet_1\.0 stays Building \(dist=sid\)$/);
    expect(mail.text).toContain('wanna-build --give-back -d sid greet_1.0');
    await loop.stop();
    expect(home.begun()).toEqual(['greet_1.0+b3 sid']);
    expect(home.read('build/REDO')).toBe('');
    expect(loop.logged).toContain(
      `built greet_1.0 (sid): refused by the store: ${refusal}; it stays Building by us, the admin is told`,
    );
  });
});

describe('the dpkg builder', () => {
  it('builds a real source package, whose log mail ends with the .changes', async () => {
    const sources = temporaryDirectory('src');
    const dsc = makeSourcePackage('greet', sources);
    const home = daemonHome();
    const conf = home
      .read('buildd.conf')
      .replace(/\[builder\.command\]\nbuild = .*\n/, '[builder]\nuse = "dpkg"\nbubblewrap = false\n');
    writeFileSync(join(home.root, 'buildd.conf'), conf.replace('"amd64"', `"${hostArchitecture()}"`));
    const source = {
      version: '1.0',
      section: 'misc',
      priority: 'optional',
      component: 'main',
      notes: 'uncompiled',
      source_path: dsc,
    };
    await home.event('sid', 'greet', { kind: 'add', source });
    const loop = await startLoop(home);
    const mail = await home.untilMailed(/^Log for successful build of greet_1\.0/);
    await loop.stop();
    expect(mail.text.slice(mail.text.lastIndexOf('\nFormat: 1.8'))).toContain('Source: greet\n');
    expect(await home.state('greet')).toBe('Built');
  });
});
