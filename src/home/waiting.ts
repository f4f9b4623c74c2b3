// Packages that are taken but wait for the admin's answer to "Should I build".
import type { HomeDatabase } from './database.ts';

export interface Waiting {
  readonly package: string;
  readonly distribution: string;
  readonly architecture: string;
  readonly version: string;
  readonly claim: number | null;
}

/** Notes that a package waits; a wait for an older version of it ends. */
export function startWaiting(db: HomeDatabase, waiting: Waiting, now: Date): void {
  db.sql
    .prepare(
      `insert into waiting (package, distribution, architecture, version, claim, since) values (?, ?, ?, ?, ?, ?)
       on conflict (package, distribution, architecture) do update set version = excluded.version, claim = excluded.claim, since = excluded.since`,
    )
    .run(
      waiting.package,
      waiting.distribution,
      waiting.architecture,
      waiting.version,
      waiting.claim,
      now.toISOString(),
    );
}

/** Ends a wait. */
export function stopWaiting(db: HomeDatabase, key: Pick<Waiting, 'package' | 'distribution' | 'architecture'>): void {
  db.sql
    .prepare('delete from waiting where package = ? and distribution = ? and architecture = ?')
    .run(key.package, key.distribution, key.architecture);
}

/** Everything that waits. */
export function allWaiting(db: HomeDatabase): Waiting[] {
  return db.sql.prepare('select package, distribution, architecture, version, claim from waiting').all() as Waiting[];
}
