// A store with rows in it, and wanna-build run on it as a user would: its words and its exit code come back.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/wanna-build.ts';
import { errorLine, exitCodeOf } from '../../src/platform/command-line.ts';
import type { PackageRecord, TransactionRow } from '../../src/wanna-build/record.ts';
import { openStore } from '../../src/wanna-build/store/open.ts';
import { transactionsOf } from '../../src/wanna-build/store/history.ts';
import { findPackage, insertPackage } from '../../src/wanna-build/store/packages.ts';
import { unregistered } from '../../src/wanna-build/transition/unregistered.ts';

/** When everything in these tests happens. */
export const now = new Date('2026-11-20T09:30:00.000Z');
/** When the rows came into their states. */
export const before = new Date('2026-11-20T09:00:00.000Z');
const distribution = 'sid';
const architecture = 'arm64';
export const storeUrl = 'sqlite:wanna-build.db';

/** The weights and the distribution that the tests know. */
const wannaBuildToml = `
[[distributions]]
name = "sid"
aliases = ["unstable"]
architectures = ["arm64", "all"]
archive = "debian"
build_dep_resolver = "apt"

[[distributions]]
name = "bookworm"
aliases = ["stable"]
architectures = ["arm64"]

[priority]
priority = { required = 50, important = 40, standard = 30, optional = 5 }
section = { libs = 4, devel = 0 }
notes = { uncompiled = 20, out-of-date = 40, partial = 40 }
`;

/** A row that can be taken, unless the changes say otherwise. */
export function row(name: string, changes: Partial<PackageRecord> = {}): PackageRecord {
  const key = { package: name, distribution, architecture };
  return {
    ...unregistered(key, '1.0-1', before),
    section: 'misc',
    priority: 'source',
    notes: 'out-of-date',
    ...changes,
  };
}

export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface StoreWorld {
  readonly home: string;
  /** Runs wanna-build for sid on arm64 with these arguments. */
  readonly run: (args: readonly string[], stdin?: string) => Promise<Answer>;
  readonly record: (name: string) => Promise<PackageRecord | null>;
  readonly log: (name: string) => Promise<TransactionRow[]>;
  readonly end: () => void;
}

/** Makes a home with a store that holds the rows. */
export async function storeWorld(...rows: readonly PackageRecord[]): Promise<StoreWorld> {
  const home = mkdtempSync(join(tmpdir(), 'wb-'));
  writeFileSync(join(home, 'wanna-build.toml'), wannaBuildToml);
  mkdirSync(join(home, 'build'));
  const store = await openStore(storeUrl, home);
  await store.write(async (db) => {
    for (const one of rows) await insertPackage(db, one);
  });
  await store.close();
  const reading = async <T>(fn: (opened: typeof store) => Promise<T>): Promise<T> => {
    const opened = await openStore(storeUrl, home);
    try {
      return await fn(opened);
    } finally {
      await opened.close();
    }
  };
  const keyOf = (name: string) => ({ package: name, distribution, architecture });
  return {
    home,
    run: (args, stdin = '') => runWannaBuild([`--home=${home}`, '--dist=sid', '--arch=arm64', ...args], stdin),
    record: (name) =>
      reading((opened) => opened.read(async (db) => (await findPackage(db, keyOf(name)))?.record ?? null)),
    log: (name) => reading((opened) => opened.read((db) => transactionsOf(db, keyOf(name)))),
    end: () => rmSync(home, { recursive: true, force: true }),
  };
}

async function* linesOf(text: string): AsyncGenerator<string> {
  await Promise.resolve();
  yield* text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Runs wanna-build with exactly these arguments, at the tests' time. */
export async function runWannaBuild(args: readonly string[], stdin = ''): Promise<Answer> {
  let stdout = '';
  const streams = {
    out: (text: string) => void (stdout += text),
    prompt: () => undefined,
    lines: () => linesOf(stdin),
  };
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  try {
    const exitCode = await main([...args], { streams, clock });
    return { stdout, stderr: '', exitCode };
  } catch (thrown) {
    return { stdout, stderr: `${errorLine('wanna-build', thrown)}\n`, exitCode: exitCodeOf(thrown) };
  }
}
