// The watcher killed with SIGKILL while it archives, as a real process: no log is ever lost, and each is in exactly
// one archive at the end.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundledCommand, type BundledCommand } from '../support/bundled-command.ts';
import { homeConf, namesIn, uploadHome, type UploadHome } from '../support/upload-home.ts';

let command: BundledCommand;
beforeAll(async () => {
  command = await bundledCommand('buildd-watcher');
});
afterAll(() => command.remove());

const homes: UploadHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

const runProcess = (home: UploadHome, killAfter: number | null): Promise<number | string> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [command.path, '--home', home.paths.root], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const timer = killAfter === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal ?? '');
    });
  });

const archived = (home: UploadHome): string[] =>
  namesIn(home.paths.oldLogs)
    .filter((name) => name.endsWith('.tar.gz'))
    .flatMap((name) =>
      execFileSync('tar', ['-tzf', join(home.paths.oldLogs, name)], { encoding: 'utf8' })
        .trim()
        .split('\n'),
    )
    .map((name) => name.replace('./', ''));

describe('a watcher that is killed', () => {
  it('never loses a log, and archives each once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const home = await uploadHome(homeConf.replace('[mail]', '[mail]\ntransport = "dir:outbox"'));
      homes.push(home);
      writeFileSync(home.paths.noDaemonPlease, '');
      const logs = Array.from({ length: 400 }, (_, index) => `package${index}_1.0_amd64-2026-01-01T00:00:00Z`);
      for (const name of logs) {
        writeFileSync(join(home.paths.logs, name), `log of ${name}\n`.repeat(200));
        utimesSync(join(home.paths.logs, name), 1_767_225_600, 1_767_225_600);
      }
      for (let killAfter = 100 + round * 17; killAfter < 700; killAfter += 60) {
        await runProcess(home, killAfter);
        expect(new Set([...archived(home), ...namesIn(home.paths.logs)])).toEqual(new Set(logs));
      }
      expect(await runProcess(home, null)).toBe(0);
      expect(namesIn(home.paths.logs)).toEqual([]);
      expect(archived(home).sort()).toEqual([...logs].sort());
      const indexes = namesIn(home.paths.oldLogs).filter((name) => name.endsWith('.index'));
      const indexed = indexes.flatMap((name) =>
        readFileSync(join(home.paths.oldLogs, name), 'utf8').trim().split('\n'),
      );
      expect(indexed).toHaveLength(logs.length);
    }
  });
});
