// What the daemon holds between the take and the build.
import type { DistributionConf } from '../config/buildd-conf.ts';
import type { TakeReply } from '../wanna-build/client.ts';

export type Taken = Extract<TakeReply, { status: 'ok' }> & { readonly distribution: DistributionConf };

/** A package as the files of the home name it. */
export interface TakenKey {
  readonly package: string;
  readonly version: string;
  readonly distribution: string;
}

/** Package, version and distribution of what was taken. */
export function keyOf(taken: Taken): TakenKey {
  return { package: taken.package, version: taken.version, distribution: taken.distribution.dist_name };
}
