// The builds of this home: what runs now, and what came of each. The number of a row is in the tokens of its mails.
import { formatIdentity, isAlive, ownIdentity, parseIdentity } from '../platform/process-identity.ts';
import type { HomeDatabase } from './database.ts';

export interface NewBuild {
  readonly package: string;
  /** The source's version. */
  readonly version: string;
  readonly distribution: string;
  readonly architecture: string;
  /** The builder name under which it was taken. */
  readonly builderUser: string;
  readonly claim: number | null;
  readonly binNmu: { readonly number: number; readonly changelog: string } | null;
  readonly take: TakeNotes;
}

/** What the store said with the take that matters after the build. */
export interface TakeNotes {
  readonly mailLogs: string | null;
  readonly suppressSuccessfulLogs: boolean;
}

/** How a build ended; the words of builder/outcome.ts. */
export interface BuildEnd {
  readonly result: 'successful' | 'attempted' | 'given-back' | 'failed' | 'aborted';
  readonly failStage: string | null;
  readonly remark: string | null;
  /** Absolute path. */
  readonly logFile: string | null;
  /** A name in build/. */
  readonly changesFile: string | null;
  readonly finished: Date;
  /** KiB. */
  readonly diskUsed: number | null;
}

export interface Build extends NewBuild {
  readonly number: number;
  readonly state: 'running' | 'reported' | 'lost' | 'asking';
  readonly started: Date;
  /** Null while it runs. */
  readonly end: BuildEnd | null;
}

interface Row {
  number: number;
  package: string;
  version: string;
  distribution: string;
  architecture: string;
  builder_user: string;
  claim: number | null;
  binnmu_number: number;
  binnmu_changelog: string | null;
  state: 'running' | 'reported' | 'lost' | 'asking';
  owner: string;
  started: string;
  finished: string | null;
  result: BuildEnd['result'] | null;
  fail_stage: string | null;
  remark: string | null;
  log_file: string | null;
  changes_file: string | null;
  disk_used: number | null;
  take: string;
}

const fromRow = (row: Row): Build => ({
  number: row.number,
  package: row.package,
  version: row.version,
  distribution: row.distribution,
  architecture: row.architecture,
  builderUser: row.builder_user,
  claim: row.claim,
  binNmu: row.binnmu_number > 0 ? { number: row.binnmu_number, changelog: row.binnmu_changelog ?? '' } : null,
  take: JSON.parse(row.take) as TakeNotes,
  state: row.state,
  started: new Date(row.started),
  end:
    row.finished === null || row.result === null
      ? null
      : {
          result: row.result,
          failStage: row.fail_stage,
          remark: row.remark,
          logFile: row.log_file,
          changesFile: row.changes_file,
          finished: new Date(row.finished),
          diskUsed: row.disk_used,
        },
});

/** Notes that a build begins, run by this process; returns its number. */
export function beginBuild(db: HomeDatabase, build: NewBuild, now: Date): number {
  return insert(db, build, 'running', now);
}

/** Makes a number for a package about which the admin is asked first; nothing is built under it. */
export function askAboutBuild(db: HomeDatabase, build: NewBuild, now: Date): number {
  return insert(db, build, 'asking', now);
}

const insert = (db: HomeDatabase, build: NewBuild, state: 'running' | 'asking', now: Date): number => {
  const { lastInsertRowid } = db.sql
    .prepare(
      `insert into builds (package, version, distribution, architecture, builder_user, claim, binnmu_number, binnmu_changelog, state, owner, started, take)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      build.package,
      build.version,
      build.distribution,
      build.architecture,
      build.builderUser,
      build.claim,
      build.binNmu?.number ?? 0,
      build.binNmu?.changelog ?? null,
      state,
      formatIdentity(ownIdentity()),
      now.toISOString(),
      JSON.stringify(build.take),
    );
  return Number(lastInsertRowid);
};

/** Notes where a running build's log is, so that it can be found after a crash. */
export function noteLogFile(db: HomeDatabase, number: number, logFile: string): void {
  db.sql.prepare('update builds set log_file = ? where number = ?').run(logFile, number);
}

/** Notes how a build ended. Call it inside `exclusively` with the intent that reports it. */
export function endBuild(db: HomeDatabase, number: number, end: BuildEnd): void {
  db.sql
    .prepare(
      `update builds set state = 'reported', finished = ?, result = ?, fail_stage = ?, remark = ?, log_file = coalesce(?, log_file), changes_file = ?, disk_used = ?
       where number = ?`,
    )
    .run(
      end.finished.toISOString(),
      end.result,
      end.failStage,
      end.remark,
      end.logFile,
      end.changesFile,
      end.diskUsed,
      number,
    );
}

/** Running builds whose process is gone (killed, rebooted): nobody will end them. */
export function orphanedBuilds(db: HomeDatabase): Build[] {
  const rows = db.sql.prepare(`select * from builds where state = 'running' order by number`).all() as Row[];
  return rows
    .filter((row) => {
      const owner = parseIdentity(row.owner);
      return owner === null || !isAlive(owner);
    })
    .map(fromRow);
}

/** Marks an orphaned build as lost; its package goes to REDO. */
export function loseBuild(db: HomeDatabase, number: number, now: Date): void {
  db.sql
    .prepare(`update builds set state = 'lost', finished = ? where number = ? and state = 'running'`)
    .run(now.toISOString(), number);
}

/** The builds that run now, of live processes, oldest first. */
export function runningBuilds(db: HomeDatabase): Build[] {
  const rows = db.sql.prepare(`select * from builds where state = 'running' order by number`).all() as Row[];
  return rows.map(fromRow);
}

/** The build of this number; null if there is none. */
export function buildByNumber(db: HomeDatabase, number: number): Build | null {
  const row = db.sql.prepare('select * from builds where number = ?').get(number) as Row | undefined;
  return row === undefined ? null : fromRow(row);
}

/** The reported build of the same package, distribution and architecture before this one; null if there is none. */
export function previousBuild(db: HomeDatabase, build: Build): Build | null {
  const row = db.sql
    .prepare(
      `select * from builds where package = ? and distribution = ? and architecture = ? and number < ? and state = 'reported'
       order by number desc limit 1`,
    )
    .get(build.package, build.distribution, build.architecture, build.number) as Row | undefined;
  return row === undefined ? null : fromRow(row);
}

/** The last build of this version; null if this home never built it. */
export function lastBuildOf(
  db: HomeDatabase,
  key: Pick<NewBuild, 'package' | 'version' | 'distribution' | 'architecture'>,
): Build | null {
  const row = db.sql
    .prepare(
      'select * from builds where package = ? and version = ? and distribution = ? and architecture = ? order by number desc limit 1',
    )
    .get(key.package, key.version, key.distribution, key.architecture) as Row | undefined;
  return row === undefined ? null : fromRow(row);
}

/** Whether a build of this version began after that time (its results and its REDO line are newer than that). */
export function hasBegunSince(
  db: HomeDatabase,
  key: Pick<NewBuild, 'package' | 'version' | 'distribution'>,
  since: string,
): boolean {
  return (
    db.sql
      .prepare(
        `select 1 from builds where package = ? and version = ? and distribution = ? and state <> 'asking' and started > ?`,
      )
      .get(key.package, key.version, key.distribution, since) !== undefined
  );
}
