// Whether the disk has room for a build.
import { statfsSync } from 'node:fs';
import type { Run } from './run-state.ts';

/** Free space for this user in KiB on the file system of a path. */
const freeKib = (path: string): number => {
  const { bavail, bsize } = statfsSync(path);
  return Math.floor((bavail * bsize) / 1024);
};

/** Whether less is free than min_free_space; says so once, until there is enough again. */
export function isSpaceLow(run: Run): boolean {
  const { world } = run;
  const free = freeKib(world.paths.build);
  const wanted = world.conf().min_free_space;
  const low = free < wanted;
  if (low && !run.lowSpaceSaid)
    world.log.log(`only ${free} KiB free for builds, ${wanted} are wanted (min_free_space): waiting`);
  if (!low && run.lowSpaceSaid) world.log.log(`${free} KiB are free again: going on`);
  run.lowSpaceSaid = low;
  return low;
}
