// Rotates daemon.log: daemon.log becomes daemon.log.old, the one before it old-logs/daemon-DATE.log.gz, and the
// daemon is told to open the new one. No line is ever lost; a run that is killed is completed by the next one.
import { existsSync, openSync, readSync, closeSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readTextIfThere, syncDirectory } from '../platform/atomic-file.ts';
import { systemCodeOf } from '../platform/errors.ts';
import { compressInto } from './compress.ts';
import { runningDaemon } from './daemon-alive.ts';
import { mailAdmin } from './notice.ts';
import { secondsPerDay, type WatcherWorld } from './world.ts';

/** Rotates when the log's first line is older than daemon_log_rotate days; mails it where that is wanted. */
export async function rotateDaemonLog(world: WatcherWorld): Promise<string[]> {
  const log = world.conf().daemon_log_file ?? world.paths.daemonLog;
  const old = `${log}.old`;
  const said: string[] = [];
  hangUpWhereDue(world);
  if (isDue(log, world)) {
    if (existsSync(old)) said.push(`compressed ${await compressInto(old, world.paths.oldLogs, 'daemon-', '.log.gz')}`);
    setMark(world, hangUpKey, 'due');
    renameSync(log, old);
    syncDirectory(dirname(log));
    hangUpWhereDue(world);
    said.push('rotated the daemon log');
  }
  if (await mailOnce(world, old)) said.push('mailed the daemon log');
  return said;
}

const isDue = (log: string, world: WatcherWorld): boolean => {
  const begun = firstTime(log);
  if (begun === null) return false;
  return world.clock.now().getTime() - begun.getTime() >= world.conf().daemon_log_rotate * secondsPerDay * 1000;
};

// When the log begins: the time at the start of its first line, else the file's own. Null: no log, or an empty one.
const firstTime = (log: string): Date | null => {
  const head = headOf(log);
  if (head === null || head === '') return null;
  const time = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) /.exec(head)?.[1];
  const parsed = time === undefined ? statSync(log).mtime : new Date(time);
  return Number.isNaN(parsed.getTime()) ? statSync(log).mtime : parsed;
};

const headOf = (path: string): string | null => {
  try {
    const fd = openSync(path, 'r');
    try {
      const piece = Buffer.alloc(200);
      return piece.subarray(0, readSync(fd, piece)).toString('utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
};

// Noted before the log is renamed, so that a run that is killed in between is made good by the next one: until then
// the daemon writes into the old log.
const hangUpKey = 'daemon_log_hang_up';

const hangUpWhereDue = (world: WatcherWorld): void => {
  if (markOf(world, hangUpKey) !== 'due') return;
  const daemon = runningDaemon(world);
  if (daemon !== null) process.kill(daemon.pid, 'SIGHUP');
  setMark(world, hangUpKey, 'done');
};

const markOf = (world: WatcherWorld, key: string): unknown =>
  world.db.sql.prepare('select value from meta where key = ?').pluck().get(key);

const setMark = (world: WatcherWorld, key: string, value: string): void => {
  world.db.sql
    .prepare('insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value')
    .run(key, value);
};

/** Characters. */
const longestMailed = 150_000;
const mailedKey = 'daemon_log_mailed';

// A log is known by its first line: what was mailed is noted in the transaction that writes the mail down.
const mailOnce = async (world: WatcherWorld, old: string): Promise<boolean> => {
  const head = headOf(old);
  if (head === null || head === '') return false;
  const mark = head.split('\n')[0] ?? '';
  if (markOf(world, mailedKey) === mark) return false;
  if (!world.conf().daemon_log_send) {
    setMark(world, mailedKey, mark);
    return false;
  }
  await mailAdmin(world, 'Build Daemon Log', tailOf(readTextIfThere(old) ?? ''), () => setMark(world, mailedKey, mark));
  return true;
};

const tailOf = (text: string): string => {
  if (text.length <= longestMailed) return text;
  const start = text.indexOf('\n', text.length - longestMailed) + 1;
  return `[The first ${start} characters are left out; the whole is in daemon.log.old.]\n${text.slice(start)}`;
};
