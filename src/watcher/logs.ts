// Moves old logs into archives: logs/* into plog-…, build/build*.log into blog-…, old-logs/daemon-*.log.gz into
// dlog-…. Decides which; archive.ts does it. Never touches the log of a build that runs or is not reported yet.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BuilddConf } from '../config/buildd-conf.ts';
import type { HomeDatabase } from '../home/database.ts';
import type { MailRequest } from '../home/mail-request.ts';
import type { HomePaths } from '../home/paths.ts';
import { buildByNumber } from '../home/builds.ts';
import { systemCodeOf } from '../platform/errors.ts';
import { archiveFiles, type OldLog } from './archive.ts';
import { secondsPerDay, type WatcherWorld } from './world.ts';

interface Kind {
  /** First word of the archive's name. */
  readonly archive: 'plog' | 'blog' | 'dlog';
  readonly directory: string;
  readonly keepDays: number;
  isLog(name: string): boolean;
}

const kindsOf = (conf: BuilddConf, paths: HomePaths): Kind[] => [
  { archive: 'plog', directory: paths.logs, keepDays: conf.pkg_log_keep, isLog: (name) => !name.startsWith('.') },
  {
    archive: 'blog',
    directory: paths.build,
    keepDays: conf.build_log_keep,
    isLog: (name) => /^build.*\.log$/.test(name),
  },
  {
    archive: 'dlog',
    directory: paths.oldLogs,
    keepDays: conf.daemon_log_keep,
    isLog: (name) => /^daemon-.*\.log\.gz$/.test(name),
  },
];

/** Archives what is older than it is to be kept. */
export async function archiveLogs(world: WatcherWorld): Promise<string[]> {
  const said: string[] = [];
  const needed = logsInUse(world.db);
  for (const kind of kindsOf(world.conf(), world.paths)) {
    const cutoff = world.clock.now().getTime() - kind.keepDays * secondsPerDay * 1000;
    const old = oldLogs(kind, cutoff).filter((log) => !needed.has(join(kind.directory, log.name)));
    if (old.length === 0) continue;
    const end = await archiveFiles(kind.directory, old, world.paths.oldLogs, kind.archive);
    const count = `${end.removed} log${end.removed === 1 ? '' : 's'}`;
    said.push(
      end.archive === null
        ? `removed ${count} that an archive holds already`
        : `archived ${count} into old-logs/${end.archive}`,
    );
  }
  return said;
}

// Oldest first.
const oldLogs = (kind: Kind, cutoff: number): OldLog[] => {
  let names: string[];
  try {
    names = readdirSync(kind.directory);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => kind.isLog(name))
    .flatMap((name): OldLog[] => {
      const found = lstatSync(join(kind.directory, name), { throwIfNoEntry: false });
      return found?.isFile() && found.mtimeMs < cutoff ? [{ name, size: found.size, changed: found.mtime }] : [];
    })
    .sort((a, b) => a.changed.getTime() - b.changed.getTime() || (a.name < b.name ? -1 : 1));
};

// The logs of builds that run, and of those whose log mail is not written yet.
const logsInUse = (db: HomeDatabase): Set<string> => {
  const waiting = db.sql.prepare(`select mails from intents where state = 'open'`).pluck().all() as string[];
  const builds = waiting
    .flatMap((mails) => JSON.parse(mails) as MailRequest[])
    .flatMap((mail) => (mail.kind === 'log' ? [buildByNumber(db, mail.build)] : []));
  const running = db.sql
    .prepare(`select log_file from builds where state = 'running' and log_file is not null`)
    .pluck()
    .all() as string[];
  return new Set([...running, ...builds.flatMap((build) => build?.end?.logFile ?? [])]);
};
