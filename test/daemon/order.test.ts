// What is built, and in which order: the real loop on a real store, with builds that a test holds.
import { afterEach, describe, expect, it } from 'vitest';
import { daemonHome, startLoop, stopLoops, type DaemonHome } from '../support/daemon-home.ts';
import { until } from '../support/until.ts';

afterEach(stopLoops);

const scheduleBinNmu = (home: DaemonHome, number: number): Promise<void> => {
  home.inStoreFile(`update packages set state = 'Installed'`);
  return home.event('sid', 'greet', { kind: 'binNMU', version: '1.0', number, changelog: 'Rebuild' });
};

describe('REDO', () => {
  it('comes first, in the order of the distributions; then the store, in the same order', async () => {
    const home = daemonHome();
    await home.add('sid', 'new-sid', 'redo-sid');
    await home.add('stable', 'new-stable', 'redo-stable');
    home.write('build/REDO', 'redo-sid_1.0 sid\nredo-stable_1.0 stable\n');
    const loop = await startLoop(home);
    await home.untilBegun('new-sid_1.0');
    await loop.stop();
    expect(home.begun()).toEqual([
      'redo-stable_1.0 stable',
      'redo-sid_1.0 sid',
      'new-stable_1.0 stable',
      'new-sid_1.0 sid',
    ]);
    expect(home.read('build/REDO')).toBe('');
  });

  it('is taken again, with a new claim, also after the result was reported', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    home.exitWith('greet', 2);
    const loop = await startLoop(home);
    await home.untilMailed(/^Log for attempted build of greet/);
    expect(await home.record('greet')).toMatchObject({ state: 'Build-Attempted', claim: 1 });
    home.hold('greet');
    home.write('build/REDO', 'greet_1.0 sid\n');
    await until('a second build', 20, () => (home.begun().length === 2 ? true : null));
    expect(await home.record('greet')).toMatchObject({ state: 'Building', claim: 2 });
    expect(home.read('build/REDO')).toBe('');
    home.release('greet');
    await until('the second log mail', 20, () => (home.mails().length === 2 ? true : null));
    await loop.stop();
    expect(await home.record('greet')).toMatchObject({ state: 'Build-Attempted', claim: 2 });
  });

  it('drops a line that is none, and one that the store refuses, each with a line in the log; the others are built', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet', 'taken');
    await home.event('sid', 'taken', { kind: 'take', version: '1.0' }, 'somebody-else');
    home.write('build/REDO', 'rm -rf /\n../x_1.0 sid\n# a remark\ntaken_1.0 sid\nunknown_1.0 sid\ngreet_1.0 sid\n');
    const loop = await startLoop(home);
    await home.untilBegun('greet_1.0');
    await loop.stop();
    expect(loop.logged).toContain('REDO: dropped a line that cannot be read: rm -rf /');
    expect(loop.logged).toContain('REDO: dropped a line that cannot be read: ../x_1.0 sid');
    expect(
      loop.logged.filter((line) => line.startsWith('REDO: taken_1.0 (sid) is refused by the store and dropped: ')),
    ).toHaveLength(1);
    expect(loop.logged).toContain('REDO: unknown_1.0 (sid) is refused by the store and dropped: not registered yet');
    expect(home.read('build/REDO')).toBe('# a remark\n');
    expect(await home.record('taken')).toMatchObject({ state: 'Building', builder: 'somebody-else', claim: 1 });
    expect(home.begun()).toEqual(['greet_1.0 sid']);
  });

  it('leaves a line of a distribution that is not built here alone', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    home.write('build/REDO', 'greet_1.0 experimental\ngreet_1.0 sid\n');
    const loop = await startLoop(home);
    await home.untilBegun('greet_1.0');
    await home.add('sid', 'other');
    loop.control.wake();
    await home.untilBegun('other_1.0');
    await loop.stop();
    expect(home.read('build/REDO')).toBe('greet_1.0 experimental\n');
    expect(loop.logged.filter((line) => line.includes('experimental'))).toEqual([
      'REDO: left alone, its distribution is not in buildd.conf: greet_1.0 experimental',
    ]);
  });

  it('builds the binNMU that its line names, where the store knows it, and the result counts', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    await scheduleBinNmu(home, 3);
    home.write('build/REDO', 'greet_1.0 sid 3 Rebuild against libgreet2\n');
    const loop = await startLoop(home);
    await home.untilMailed(/^Log for successful build of greet_1\.0\+b3/);
    await loop.stop();
    expect(home.begun()).toEqual(['greet_1.0+b3 sid']);
    expect(await home.state('greet')).toBe('Built');
  });

  it('drops a binNMU that the store does not know, says how to schedule it, and takes nothing for it', async () => {
    const home = daemonHome('no_auto_build = ["greet"]');
    await home.add('sid', 'greet', 'other');
    home.write('build/REDO', "greet_1.0 sid 1 Rebuild against foo's\nother_1.0 sid\n");
    const loop = await startLoop(home);
    await home.untilMailed(/^Log for successful build of other_1\.0/);
    await loop.stop();
    expect(loop.logged).toContain(
      "REDO: greet_1.0 (sid): the store knows no binNMU 1 of it, dropped; schedule it (wanna-build --binNMU 1 -m 'Rebuild against foos' -d sid greet_1.0), or leave out number and text",
    );
    expect(home.read('build/REDO')).toBe('');
    expect(home.begun()).toEqual(['other_1.0 sid']);
    expect(await home.record('greet')).toMatchObject({ state: 'Needs-Build', claim: 0 });
  });

  it('builds without the unknown binNMU what is Building by us, so that it does not stay so', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    const loop = await startLoop(home);
    await loop.untilLogged(/successful/);
    await home.add('sid', 'later');
    await home.event('sid', 'later', { kind: 'take', version: '1.0' });
    home.write('build/REDO', 'later_1.0 sid 1 Rebuild\n');
    await home.untilMailed(/^Log for successful build of later_1\.0 /);
    await loop.stop();
    expect(home.begun()).toEqual(['greet_1.0 sid', 'later_1.0 sid']);
    expect(await home.state('later')).toBe('Built');
  });

  it('is seen at once by a daemon that sleeps, and so is a touch of build/wake', async () => {
    const home = daemonHome();
    await home.add('sid', 'first', 'second', 'third');
    await home.event('sid', 'second', { kind: 'take', version: '1.0' });
    await home.event('sid', 'second', { kind: 'attempted', version: '1.0' });
    await home.event('sid', 'third', { kind: 'take', version: '1.0' }, 'somebody-else');
    const loop = await startLoop(home);
    await home.untilMailed(/first/);
    // idle_sleep_time is 300 s, a test has 60.
    home.write('build/REDO', 'second_1.0 sid\n');
    await home.untilMailed(/second/);
    await home.event('sid', 'third', { kind: 'give-back', version: '1.0' }, 'somebody-else');
    home.write('build/wake', '');
    await home.untilBegun('third_1.0');
    await loop.stop();
  });

  it('does not build what runs already', async () => {
    const home = daemonHome('jobs = 2');
    await home.add('sid', 'greet', 'other');
    home.hold('greet', 'other');
    const loop = await startLoop(home);
    await home.untilBegun('greet_1.0');
    home.write('build/REDO', 'greet_1.0 sid\n');
    await home.untilBegun('other_1.0');
    expect(home.begun().sort()).toEqual(['greet_1.0 sid', 'other_1.0 sid']);
    await loop.stop();
  });
});

describe('the store', () => {
  it('gives nothing of no_auto_build, and of weak_no_auto_build only when all else is built', async () => {
    const home = daemonHome(
      'no_auto_build = ["never"]\nweak_no_auto_build = ["weak"]\nno_build_regex = "^misc/excluded_"',
    );
    await home.add('stable', 'weak', 'never', 'excluded');
    await home.add('sid', 'greet');
    const loop = await startLoop(home);
    await home.untilBegun('weak_1.0');
    await until('a state', 20, () =>
      loop.logged.some((line) => line.includes('weak_1.0 (stable), build 2: successful')) ? true : null,
    );
    await loop.stop();
    expect(home.begun()).toEqual(['greet_1.0 sid', 'weak_1.0 stable']);
    expect(await home.state('never', 'stable')).toBe('Needs-Build');
    expect(await home.state('excluded', 'stable')).toBe('Needs-Build');
  });

  it('gives up to max_build packages at once; what was not begun is in REDO after TERM', async () => {
    const home = daemonHome('max_build = 3');
    await home.add('sid', 'a1', 'b1', 'c1', 'd1');
    home.hold('a1');
    const loop = await startLoop(home);
    await home.untilBegun('a1_1.0');
    expect(await Promise.all(['a1', 'b1', 'c1', 'd1'].map((name) => home.state(name)))).toEqual([
      'Building',
      'Building',
      'Building',
      'Needs-Build',
    ]);
    expect(await loop.stop()).toBe('stopped');
    expect(home.read('build/REDO').split('\n').sort()).toEqual(['', 'a1_1.0 sid', 'b1_1.0 sid', 'c1_1.0 sid']);
  });

  it('is asked for `jobs` packages, which are built at the same time', async () => {
    const home = daemonHome('jobs = 2');
    await home.add('sid', 'a1', 'b1', 'c1');
    home.hold('a1', 'b1', 'c1');
    const loop = await startLoop(home);
    await home.untilBegun('a1_1.0');
    await home.untilBegun('b1_1.0');
    expect(await home.state('c1')).toBe('Needs-Build');
    home.release('b1');
    await home.untilBegun('c1_1.0');
    expect(await home.state('a1')).toBe('Building');
    await loop.stop();
  });

  it('may have given a package to somebody else meanwhile: said, left alone, the next one is built', async () => {
    const home = daemonHome();
    await home.add('sid', 'contested', 'greet');
    let stolen = false;
    const loop = await startLoop(home, (world) => ({
      store: {
        ...world.store,
        take: async (...args) => {
          if (!stolen) await home.event('sid', 'contested', { kind: 'take', version: '1.0' }, 'somebody-else');
          stolen = true;
          return world.store.take(...args);
        },
      },
    }));
    await home.untilBegun('greet_1.0');
    await loop.stop();
    expect(loop.logged.some((line) => /^contested \(sid\) is not ours: /.test(line))).toBe(true);
    expect(await home.record('contested')).toMatchObject({ builder: 'somebody-else', state: 'Building' });
  });
});
