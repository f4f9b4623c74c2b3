// Whether a file of the configuration changed, without reading it.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuilddConf } from '../config/buildd-conf.ts';
import type { DaemonWorld } from './world.ts';

/** Changes when a file of the configuration does, also when the home gets one that had none. */
export function confStampOf(world: Pick<DaemonWorld, 'conf' | 'paths'>): string {
  const files = new Set([...world.conf().files, join(world.paths.root, 'buildd.conf')]);
  return [...files].map(stampOf).join('\n');
}

const stampOf = (file: string): string => {
  try {
    const { mtimeMs, ino, size } = statSync(file);
    return `${file} ${mtimeMs} ${ino} ${size}`;
  } catch {
    return `${file} gone`;
  }
};

/** The same text for configurations that say the same. */
export function confTextOf(conf: BuilddConf): string {
  return JSON.stringify(conf, (_key, value: unknown) => (value instanceof RegExp ? String(value) : value));
}
