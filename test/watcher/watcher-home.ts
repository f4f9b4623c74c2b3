// A home for the watcher's tests: uploadHome with what only the watcher is given.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { WatcherWorld } from '../../src/watcher/world.ts';
import { homeConf, uploadHome, type UploadHome } from '../support/upload-home.ts';

export type WatcherHome = UploadHome & WatcherWorld;

/** Now, in every test of the watcher. */
export const now = new Date('2026-11-20T10:00:00Z');

export const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);

/** Makes a home whose clock stands at `now`; no daemon is started from it unless a test says how. */
export async function watcherHome(conf = '', rest: Partial<WatcherWorld> = {}): Promise<WatcherHome> {
  const home = await uploadHome(`${conf}${homeConf}`);
  home.setTime(now);
  return { ...home, daemonCommand: null, runQueue: () => Promise.resolve(0), ...rest };
}

/** Writes a file that was changed last so many days ago. */
export function putOld(path: string, days: number, content = 'text\n'): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  age(path, days);
}

/** Makes a file or directory look as if it was changed last so many days ago. */
export function age(path: string, days: number): void {
  utimesSync(path, daysAgo(days), daysAgo(days));
}
