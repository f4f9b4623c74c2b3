// The queue of received mails, HOME/mqueue: one file a mail, whole and synced or not there at all, named so that the
// order of names is the order of arrival. Must never lose a mail, and never look into one.
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ensureDirectory, readTextIfThere, syncDirectory, writeFileAtomically } from '../../../platform/atomic-file.ts';
import { systemCodeOf } from '../../../platform/errors.ts';
import type { HomePaths } from '../../../home/paths.ts';

export interface SpooledMail {
  /** File name in mqueue/. */
  readonly name: string;
  /** Larger than max_mail_size: the file holds only its beginning. */
  readonly oversize: boolean;
}

/** A mail that is being received. Exactly one of commit and discard ends it. */
export interface Receiving {
  /** @throws the system's error, ENOSPC for example; discard it then. */
  write(chunk: Uint8Array): void;
  /** Makes it durable and part of the queue; returns its name. */
  commit(): string;
  discard(): void;
}

// bin/buildd-mail names its files the same way.
const unfinishedSuffix = '.unfinished';
const oversizeSuffix = '.oversize';
const unfinishedIsDeadAfterMs = 3600 * 1000;
const limitFile = (paths: HomePaths): string => join(paths.mqueue, '.max_mail_size');

/** Writes max_mail_size (bytes) down where bin/buildd-mail, which cannot read TOML, finds it. */
export function noteMailLimit(paths: HomePaths, bytes: number): void {
  const text = `${bytes}\n`;
  if (readTextIfThere(limitFile(paths)) !== text) writeFileAtomically(limitFile(paths), text);
}

let lastArrival = 0n;

// Nanoseconds since 1970, 19 digits until 2286; two mails of one millisecond keep their order.
const arrivalName = (now: Date): bigint => {
  const arrival = BigInt(now.getTime()) * 1_000_000n;
  lastArrival = arrival > lastArrival ? arrival : lastArrival + 1n;
  return lastArrival;
};

/** Begins to store a mail; what comes after `limit` bytes is dropped and the mail marked as oversize. */
export function receiveMail(paths: HomePaths, limit: number, now: Date): Receiving {
  ensureDirectory(paths.mqueue);
  const name = `${arrivalName(now)}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const unfinished = join(paths.mqueue, `.${name}${unfinishedSuffix}`);
  let fd: number | null = openSync(unfinished, 'wx', 0o600);
  let size = 0;
  const close = (): void => {
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  return {
    write: (chunk) => {
      const kept = chunk.subarray(0, Math.max(0, limit - size));
      size += chunk.length;
      // write(2) may write less than asked for.
      for (let done = 0; fd !== null && done < kept.length;) done += writeSync(fd, kept, done);
    },
    commit: () => {
      if (fd !== null) fsyncSync(fd);
      close();
      const final = size > limit ? `${name}${oversizeSuffix}` : name;
      renameSync(unfinished, join(paths.mqueue, final));
      syncDirectory(paths.mqueue);
      return final;
    },
    discard: () => {
      close();
      rmSync(unfinished, { force: true });
    },
  };
}

/** Stores a whole mail durably; returns its name. @throws the system's error, with nothing left behind. */
export function storeMail(paths: HomePaths, raw: Uint8Array, limit: number, now: Date): string {
  const receiving = receiveMail(paths, limit, now);
  try {
    receiving.write(raw);
    return receiving.commit();
  } catch (error) {
    receiving.discard();
    throw error;
  }
}

/** What is queued, in order of arrival. */
export function listSpool(paths: HomePaths): SpooledMail[] {
  return entriesOf(paths)
    .filter((name) => !name.startsWith('.') && isPlainFile(join(paths.mqueue, name)))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => ({ name, oversize: name.endsWith(oversizeSuffix) }));
}

/** The bytes of a queued mail, at most `limit` + 1; null when it is gone. */
export function readSpooled(paths: HomePaths, mail: SpooledMail): Buffer | null {
  try {
    return readFileSync(join(paths.mqueue, mail.name));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Takes a mail out of the queue for good. */
export function removeSpooled(paths: HomePaths, mail: SpooledMail): void {
  try {
    unlinkSync(join(paths.mqueue, mail.name));
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
  syncDirectory(paths.mqueue);
}

/** Moves a mail to mqueue/failed, where an admin can look at it; returns its path. */
export function setAside(paths: HomePaths, mail: SpooledMail): string {
  ensureDirectory(paths.mqueueFailed);
  const path = join(paths.mqueueFailed, mail.name);
  renameSync(join(paths.mqueue, mail.name), path);
  syncDirectory(paths.mqueueFailed);
  syncDirectory(paths.mqueue);
  return path;
}

/** Puts a mail that was set aside back into the queue; false when there is none of that name. */
export function putBack(paths: HomePaths, name: string): boolean {
  try {
    renameSync(join(paths.mqueueFailed, name), join(paths.mqueue, name));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
  syncDirectory(paths.mqueue);
  syncDirectory(paths.mqueueFailed);
  return true;
}

/** Deletes what interrupted receivers left more than an hour ago. */
export function sweepUnfinished(paths: HomePaths, now: Date): void {
  for (const name of entriesOf(paths)) {
    if (!name.startsWith('.') || !name.endsWith(unfinishedSuffix)) continue;
    const path = join(paths.mqueue, name);
    try {
      if (now.getTime() - lstatSync(path).mtimeMs > unfinishedIsDeadAfterMs) rmSync(path, { force: true });
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw error;
    }
  }
}

const entriesOf = (paths: HomePaths): string[] => {
  try {
    return readdirSync(paths.mqueue);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
};

const isPlainFile = (path: string): boolean => {
  try {
    return lstatSync(path).isFile();
  } catch {
    // Gone between the listing and the look.
    return false;
  }
};
