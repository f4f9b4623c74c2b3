// What is in the way and goes away again: the daemon says so, waits, and loses nothing.
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadBuilddConf } from '../../src/config/load.ts';
import { beginBuild } from '../../src/home/builds.ts';
import { openHomeDatabase } from '../../src/home/database.ts';
import { openIntent } from '../../src/home/intent.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import { UnavailableError } from '../../src/platform/errors.ts';
import { daemonHome, startLoop, stopLoops, type DaemonHome } from '../support/daemon-home.ts';
import { until } from '../support/until.ts';

afterEach(stopLoops);

/** A minute passes in a moment; what is longer is waited for until somebody wakes the sleeper. */
const quickMinutes: Clock = {
  now: () => new Date(),
  sleep: (seconds, signal) => systemClock.sleep(seconds === 60 || seconds === 10 ? 0.02 : seconds, signal),
};
const away = (): never => {
  throw new UnavailableError('store: is away');
};
const diskFull = (): Error => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

describe('a store that is away', () => {
  it('is said and waited for, at start and later', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    let tries = 0;
    const loop = await startLoop(
      home,
      (world) => ({
        store: {
          ...world.store,
          buildingFor: (...args) =>
            (tries += 1) < 3 ? Promise.resolve().then(away) : world.store.buildingFor(...args),
          needsBuild: (...args) => ((tries += 1) < 6 ? Promise.resolve().then(away) : world.store.needsBuild(...args)),
        },
      }),
      quickMinutes,
    );
    await home.untilBegun('greet_1.0');
    await loop.stop();
    expect(loop.logged.filter((line) => line === 'store: is away; trying again in 60 s').length).toBeGreaterThanOrEqual(
      3,
    );
  });

  it('when a build ends, gets the report later; the package is built once', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    let open = 0;
    const loop = await startLoop(
      home,
      (world) => ({ carryOut: (intent) => ((open += 1) === 1 ? Promise.resolve('open') : world.carryOut(intent)) }),
      quickMinutes,
    );
    await home.untilMailed(/^Log for successful build of greet_1\.0/);
    await loop.stop();
    expect(await home.state('greet')).toBe('Built');
    expect(home.begun()).toEqual(['greet_1.0 sid']);
    expect((await home.transactions('greet')).filter((row) => row.action === 'built')).toHaveLength(1);
  });
});

describe('a report that a dead daemon left open', () => {
  it('is made by the next one, which does not build the package again, even if the store is away at first', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet', 'other');
    await home.event('sid', 'greet', { kind: 'take', version: '1.0' });
    leaveOpenReport(home);
    let tries = 0;
    const loop = await startLoop(
      home,
      (world) => ({
        finishOpenIntents: (mine) => ((tries += 1) === 1 ? adoptOnly(home) : world.finishOpenIntents(mine)),
      }),
      quickMinutes,
    );
    await home.untilBegun('other_1.0');
    await until('greet being Built', 20, () =>
      loop.logged.some((line) => /built greet_1\.0 \(sid\).*finished|finished.*built greet_1\.0/.test(line))
        ? true
        : null,
    );
    await loop.stop();
    expect(await home.state('greet')).toBe('Built');
    expect(home.begun()).toEqual(['other_1.0 sid']);
  });
});

// As finishOpenIntents does while the store is away: the intents become this process's, and stay open.
const adoptOnly = (home: DaemonHome): Promise<void> => {
  const db = openHomeDatabase(home.paths.homeDb);
  db.sql.prepare(`update intents set owner = ? where state = 'open'`).run(ownerOfThisProcess());
  db.close();
  return Promise.resolve();
};

const ownerOfThisProcess = (): string => {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${process.pid} ${startTicks} ${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`;
};

const leaveOpenReport = (home: DaemonHome): void => {
  const db = openHomeDatabase(home.paths.homeDb);
  const subject = { package: 'greet', version: '1.0', distribution: 'sid', architecture: 'amd64', claim: 1 };
  openIntent(
    db,
    {
      what: 'built greet_1.0 (sid)',
      subject,
      effects: [
        { kind: 'store', report: { ...subject, action: 'built', user: 'builder', message: null, buildPriority: null } },
      ],
      mails: [],
      refusalMails: [],
    },
    new Date(),
  );
  db.sql.prepare(`update intents set owner = '1 0 gone'`).run();
  db.close();
};

describe('a full disk', () => {
  it('between the take and the build keeps the package, which is built when there is room again', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    let full = 3;
    const loop = await startLoop(
      home,
      (world) => ({
        db: {
          ...world.db,
          exclusively: (fn) => {
            if ((full -= 1) >= 0) throw diskFull();
            return world.db.exclusively(fn);
          },
        },
      }),
      quickMinutes,
    );
    await home.untilMailed(/^Log for successful build of greet_1\.0/);
    await loop.stop();
    expect(loop.logged).toContain('ENOSPC: no space left on device, write; trying again in 60 s');
    expect(home.begun()).toEqual(['greet_1.0 sid']);
    expect((await home.transactions('greet')).filter((row) => row.action === 'take')).toHaveLength(1);
  });

  it('at the end of a build keeps its result, which is reported when there is room again', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    home.hold('greet');
    let full = 0;
    const loop = await startLoop(
      home,
      (world) => ({
        db: {
          ...world.db,
          exclusively: (fn) => {
            if ((full -= 1) >= 0) throw diskFull();
            return world.db.exclusively(fn);
          },
        },
      }),
      quickMinutes,
    );
    await home.untilBegun('greet_1.0');
    full = 2;
    home.release('greet');
    await home.untilMailed(/^Log for successful build of greet_1\.0/);
    await loop.stop();
    expect(loop.logged).toContain(
      'the end of build 1 of greet_1.0 cannot be noted: ENOSPC: no space left on device, write; trying again in 10 s',
    );
    expect(home.begun()).toEqual(['greet_1.0 sid']);
    expect(await home.state('greet')).toBe('Built');
  });
});

describe('too little free space', () => {
  it('keeps builds from beginning and is said once; they begin when there is enough again', async () => {
    const home = daemonHome();
    home.write(
      'buildd.conf',
      home.read('buildd.conf').replace('min_free_space = 0', 'min_free_space = 1_000_000_000_000'),
    );
    await home.add('sid', 'greet');
    const loop = await startLoop(home);
    const line = await loop.untilLogged(/min_free_space/);
    expect(line).toMatch(/^only \d+ KiB free for builds, 1000000000000 are wanted \(min_free_space\): waiting$/);
    loop.control.wake();
    await new Promise((resolve) => setTimeout(resolve, 200));
    loop.control.wake();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(loop.logged.filter((one) => one.includes('min_free_space'))).toHaveLength(1);
    expect(await home.state('greet')).toBe('Needs-Build');
    home.configure('');
    await home.untilBegun('greet_1.0');
    await loop.stop();
  });
});

describe('a REDO that is a directory', () => {
  it('is named in the log; the daemon goes on when it is mended', async () => {
    const home = daemonHome();
    mkdirSync(home.paths.redo);
    await home.add('sid', 'greet');
    const loop = await startLoop(home, undefined, quickMinutes);
    const line = await loop.untilLogged(/EISDIR/);
    expect(line).toContain(home.paths.redo);
    rmSync(home.paths.redo, { recursive: true });
    await home.untilBegun('greet_1.0');
    await loop.stop();
  });
});

describe('the configuration', () => {
  it('is read again by itself when it changes; a broken one is said in the log and one mail, and the old one is kept', async () => {
    const home = daemonHome();
    const loop = await startLoop(home);
    await loop.ports.sendMail();
    appendFileSync(join(home.root, 'buildd.conf'), '[nonsense]\nx = 1\n');
    const line = await loop.untilLogged(/^the configuration is broken, keeping the old one: /);
    expect(line).toBe(
      `the configuration is broken, keeping the old one: ${home.root}/buildd.conf: nonsense: unknown key`,
    );
    const mail = await home.untilMailed(/^buildd\.conf is broken$/);
    expect(mail.text).toContain(`${home.root}/buildd.conf: nonsense: unknown key`);
    // Touched, and as broken as before: neither a second line nor a second mail.
    writeFileSync(join(home.root, 'buildd.conf'), home.read('buildd.conf'));
    await home.add('sid', 'greet');
    loop.control.wake();
    await home.untilMailed(/^Log for successful build of greet/);
    expect(loop.logged.filter((one) => one === line)).toHaveLength(1);
    // On request it is said again.
    loop.control.requestReload();
    await until('a second line', 20, () => (loop.logged.filter((one) => one === line).length === 2 ? true : null));
    expect(home.mails().filter((one) => one.subject === 'buildd.conf is broken')).toHaveLength(1);
    home.configure('no_auto_build = ["other"]');
    await loop.untilLogged(/^read the configuration again$/);
    expect(loop.ports.conf()).toEqual(loadBuilddConf(home.root));
    // Written again without a change, as editors do: not said again.
    home.configure('no_auto_build = ["other"]');
    await home.add('sid', 'third');
    loop.control.wake();
    await home.untilMailed(/^Log for successful build of third/);
    expect(loop.logged.filter((one) => one === 'read the configuration again')).toHaveLength(1);
    await loop.stop();
  });

  it('that has gone is broken, too', async () => {
    const home = daemonHome();
    const loop = await startLoop(home);
    const text = home.read('buildd.conf');
    rmSync(join(home.root, 'buildd.conf'));
    await loop.untilLogged(/^the configuration is broken, keeping the old one: no configuration: /);
    home.write('buildd.conf', text);
    await loop.untilLogged(/^read the configuration again$/);
    await loop.stop();
  });
});

describe('a mail server that does not answer', () => {
  it('delays no build, and not the end of the daemon for long', async () => {
    const home = daemonHome();
    await home.add('sid', 'a1', 'b1', 'c1');
    const loop = await startLoop(home, () => ({ sendMail: () => new Promise(() => undefined) }), {
      now: () => new Date(),
      sleep: (seconds, signal) => systemClock.sleep(seconds === 10 ? 0.05 : seconds, signal),
    });
    await home.untilBegun('c1_1.0');
    expect(await loop.stop()).toBe('stopped');
  });
});

describe('the start after a crash', () => {
  it('puts what was cut off, or was taken and never begun, into REDO, says so, and builds each once', async () => {
    const home = daemonHome();
    await home.add('sid', 'cut', 'taken', 'dumped');
    for (const name of ['cut', 'taken', 'dumped']) await home.event('sid', name, { kind: 'take', version: '1.0' });
    const db = openHomeDatabase(home.paths.homeDb);
    const build = {
      package: 'cut',
      version: '1.0',
      distribution: 'sid',
      architecture: 'amd64',
      builderUser: 'builder',
      claim: 1,
      binNmu: null,
    };
    beginBuild(db, { ...build, take: { mailLogs: null, suppressSuccessfulLogs: false } }, new Date());
    db.sql.prepare(`update builds set owner = '1 0 gone'`).run();
    db.close();
    mkdirSync(join(home.paths.build, 'cut_1.0-1'));
    home.write('build/SBUILD-REDO-DUMPED', 'dumped_1.0 sid\nnonsense\n');
    const loop = await startLoop(home);
    await until('three log mails', 20, () => (home.mails().length === 3 ? true : null));
    await loop.stop();
    expect(loop.logged).toContain('build 1 of cut_1.0 was cut off');
    expect(loop.logged).toContain('build/cut_1.0-1 is left of it: into PURGE');
    expect(home.read('build/PURGE')).toBe('cut_1.0-1\n');
    expect(loop.logged).toContain('cut_1.0 (sid) is Building for us but was not built: into REDO');
    expect(loop.logged).toContain('taken_1.0 (sid) is Building for us but was not built: into REDO');
    expect(loop.logged).toContain('SBUILD-REDO-DUMPED: dropped a line that is none: nonsense');
    expect(home.begun().sort()).toEqual(['cut_1.0 sid', 'dumped_1.0 sid', 'taken_1.0 sid']);
    expect(home.read('build/SBUILD-REDO-DUMPED')).toBe('');
  });
});

describe('the end', () => {
  it('EXIT-DAEMON-PLEASE is heeded after the running build, removed, and nothing is lost', async () => {
    const home = daemonHome('max_build = 2');
    await home.add('sid', 'a1', 'b1');
    home.hold('a1');
    const loop = await startLoop(home);
    await home.untilBegun('a1_1.0');
    home.write('EXIT-DAEMON-PLEASE', '');
    await loop.untilLogged(/^EXIT-DAEMON-PLEASE is there: exiting when the running builds are done$/);
    expect(home.stopped()).toEqual([]);
    home.release('a1');
    expect(await loop.ended).toBe('stopped');
    expect(home.read('build/REDO')).toBe('b1_1.0 sid\n');
    expect(await home.state('a1')).toBe('Built');
    await loop.stop();
  });

  it('by a defect, too, stops the builds and puts them into REDO', async () => {
    const home = daemonHome();
    await home.add('sid', 'greet');
    home.hold('greet');
    let defect = false;
    const loop = await startLoop(home, () => ({
      programStamp: () => {
        if (defect) throw new TypeError('cannot read x');
        return 'the same';
      },
    }));
    await home.untilBegun('greet_1.0');
    defect = true;
    loop.control.wake();
    await expect(loop.ended).rejects.toThrow('cannot read x');
    expect(home.stopped()).toEqual(['greet_1.0']);
    expect(home.read('build/REDO')).toBe('greet_1.0 sid\n');
    await loop.stop().catch(() => undefined);
  });
});
