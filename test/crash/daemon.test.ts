// kill -9 at any moment: the daemon is killed again and again while it takes, builds and reports. In the end every
// package was reported exactly once, nothing is left over, and every report has its mail.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { daemonHome } from '../support/daemon-home.ts';
import { until } from '../support/until.ts';

let command: BundledCommand;
beforeAll(async () => {
  command = await bundledCommand('buildd');
});
afterAll(() => command.remove());

const packages = Array.from({ length: 150 }, (_, index) => `p${String(index).padStart(3, '0')}`);

it('a daemon that is killed again and again loses no package and reports none twice', async () => {
  const home = daemonHome('jobs = 2\nmax_build = 3');
  await home.add('sid', ...packages);
  for (const name of packages.filter((_, index) => index % 3 === 0)) home.exitWith(name, 2);
  const start = () => {
    const child = spawn(process.execPath, [command.path, '--home', home.root, '--no-detach'], { stdio: 'ignore' });
    return { child, ended: new Promise<void>((resolve) => child.once('exit', () => resolve())) };
  };
  let kills = 0;
  // Later and later: on a slow machine Node's own start takes long, on a fast one much is done soon.
  for (let delay = 130; home.mails().length < packages.length; delay += 6) {
    const { child, ended } = start();
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await ended;
    kills += 1;
  }
  expect(kills).toBeGreaterThan(8);
  expect(home.read('daemon.log')).toContain('is Building for us but was not built: into REDO');
  // One that has nothing to do but to repair what the last kill left.
  const { child, ended } = start();
  await until('the last one being up', 20, () =>
    home.read('daemon.log').includes(`started, pid ${child.pid ?? 0}`) ? true : null,
  );
  await until('an empty REDO', 60, () => (home.read('build/REDO') === '' ? true : null));
  child.kill('SIGTERM');
  await ended;
  expect(home.read('build/REDO')).toBe('');
  for (const [index, name] of packages.entries()) {
    const reported = (await home.transactions(name)).filter(
      (row) => row.action === 'built' || row.action === 'attempted',
    );
    expect(reported.map((row) => row.action)).toEqual([index % 3 === 0 ? 'attempted' : 'built']);
    const mails = home.mails().filter((mail) => mail.subject.includes(`build of ${name}_1.0 `));
    expect(mails).toHaveLength(1);
  }
  expect(readdirSync(home.paths.build).filter((name) => name.includes('pid'))).toEqual([]);
}, 300_000);
