// Removes the build directories that PURGE names. They come from mails and may hold files of root, so a line is one
// plain name of a directory in build/, or it is refused; no symbolic link is ever followed.
import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isFileName } from '../debian/names.ts';
import { readPurge, removeFromPurge } from '../home/purge.ts';
import { messageOf, systemCodeOf } from '../platform/errors.ts';
import { harmless } from '../platform/logger.ts';
import { run } from '../platform/run.ts';
import { mailAdmin } from './notice.ts';
import type { WatcherWorld } from './world.ts';

type PurgeLine =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly reason: string };

/** What a line of PURGE means: a name in build/, or its absolute path as old tools wrote it. */
function readPurgeLine(line: string, buildDirectory: string): PurgeLine {
  const prefix = `${buildDirectory}/`;
  const name = line.startsWith(prefix) ? line.slice(prefix.length) : line;
  if (!isFileName(name)) return { kind: 'refused', reason: 'it is not the plain name of a directory in build/' };
  const path = join(buildDirectory, name);
  try {
    const found = lstatSync(path);
    if (found.isSymbolicLink()) return { kind: 'refused', reason: 'it is a symbolic link' };
    if (!found.isDirectory()) return { kind: 'refused', reason: 'it is not a directory' };
    return { kind: 'directory', path };
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return { kind: 'gone' };
    throw error;
  }
}

/** Removes what PURGE names and takes it out of PURGE; what could not be removed stays in it for the next run. */
export async function purgeDirectories(world: WatcherWorld): Promise<string[]> {
  const said: string[] = [];
  const finished: string[] = [];
  const refused: { readonly line: string; readonly reason: string }[] = [];
  for (const line of readPurge(world.paths)) {
    const meaning = readPurgeLine(line, world.paths.build);
    if (meaning.kind === 'refused') refused.push({ line, reason: meaning.reason });
    const problem = meaning.kind === 'directory' ? await remove(meaning.path, world.conf().sudo) : null;
    if (problem !== null) said.push(`build/${harmless(line)} cannot be removed: ${problem}`);
    else if (meaning.kind !== 'refused') finished.push(line);
    if (problem === null && meaning.kind === 'directory') said.push(`removed build/${line}`);
  }
  if (refused.length > 0) {
    said.push(...refused.map(({ line, reason }) => `PURGE: refused "${shown(line)}": ${reason}`));
    await tell(world, refused);
  }
  removeFromPurge(world.db, world.paths, [...finished, ...refused.map(({ line }) => line)]);
  return said;
}

const shown = (line: string): string => harmless(line).slice(0, 200);

const tell = async (
  world: WatcherWorld,
  refused: readonly { readonly line: string; readonly reason: string }[],
): Promise<void> => {
  const lines = refused.map(({ line, reason }) => `  ${shown(line)}\n    ${reason}\n`);
  const text = `These lines of build/PURGE were refused and taken out; nothing of what they name was touched:\n\n${lines.join('')}`;
  await mailAdmin(world, 'buildd-watcher refused lines of PURGE', text);
};

const longestSudoSeconds = 1800;

// Null, or why it is still there.
const remove = async (path: string, sudo: string | undefined): Promise<string | null> => {
  if (sudo === undefined) return removeAlone(path);
  const [program = 'sudo', ...args] = sudo.split(' ').filter((word) => word !== '');
  const result = await run(program, [...args, 'rm', '-rf', '--one-file-system', '--', path], {
    timeoutSeconds: longestSudoSeconds,
  });
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const said = harmless(result.stderr.toString('utf8'));
  return `${program} rm did not remove it${result.notStarted === null ? '' : ` (${result.notStarted})`}${said === '' ? '' : `: ${said}`}`;
};

const removeAlone = (path: string): string | null => {
  try {
    rmSync(path, { recursive: true, force: true });
    return null;
  } catch (error) {
    return `${harmless(messageOf(error))}; where builds leave files of root, set sudo = "sudo" in buildd.conf`;
  }
};
