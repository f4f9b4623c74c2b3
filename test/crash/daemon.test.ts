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
  // The first hundred milliseconds are Node's own start; all that follows is hit somewhere.
  for (let delay = 150; delay <= 450; delay += 15) {
    const { child, ended } = start();
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await ended;
    kills += 1;
  }
  expect(kills).toBeGreaterThan(15);
  expect(home.mails().length).toBeLessThan(packages.length);
  expect(home.read('daemon.log')).toContain('is Building for us but was not built: into REDO');
  const { child, ended } = start();
  await until('all being reported', 120, () => (home.mails().length === packages.length ? true : null));
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
