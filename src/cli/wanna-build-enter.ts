// The commands by which sources enter the store: --add for one .dsc, --merge-v3 for the indexes of an archive.
import { wakeDaemon } from '../home/wake.ts';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DataError, messageOf, systemCodeOf, UsageError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { architectureMatches } from '../debian/architecture.ts';
import { parseDsc } from '../debian/dsc.ts';
import { queueOf } from '../wanna-build/apply.ts';
import { componentAndSection } from '../wanna-build/merge/read.ts';
import { mergeIndexes } from '../wanna-build/merge/run.ts';
import { movement } from '../wanna-build/movement.ts';
import type { Store } from '../wanna-build/store/store.ts';
import type { TransitionEvent } from '../wanna-build/transition.ts';
import { printAnswers, simulatedLine } from './wanna-build-answer.ts';
import { applyAll } from './wanna-build-change.ts';
import { oneDistribution, type Request } from './wanna-build-request.ts';

const largestDsc = 1024 * 1024;

/** `--add FILE.dsc…` @throws DataError for a file that is no .dsc, or a source that is not for this architecture */
export async function add(request: Request, open: () => Promise<Store>): Promise<number> {
  const { parsed, architecture } = request;
  if (parsed.operands.length === 0) throw new UsageError('--add: a .dsc file is missing');
  oneDistribution(request);
  const changes = parsed.operands.map((operand) => ({ operand, ...registration(operand, architecture) }));
  const store = await open();
  try {
    const answers = await applyAll(store, changes, request);
    await printAnswers('add', answers, request);
    const isRefused = answers.some(({ outcome }) => outcome.kind === 'refused');
    return isRefused && parsed.flags.has('strict') ? exitCode.refused : exitCode.ok;
  } finally {
    await store.close();
  }
}

const registration = (file: string, architecture: string): { name: string; event: TransitionEvent } => {
  const path = resolve(file);
  const dsc = parseDsc(readDsc(path), path);
  if (!dsc.architectures.some((word) => architectureMatches(word, architecture))) {
    throw new DataError(`${path}: ${dsc.source} is for ${dsc.architectures.join(' ')}, not for ${architecture}`);
  }
  const [component, section] = componentAndSection(dsc.section);
  return {
    name: dsc.source,
    event: {
      kind: 'add',
      source: {
        version: dsc.version,
        section,
        component,
        priority: dsc.priority,
        notes: 'uncompiled',
        source_path: path,
      },
    },
  };
};

const readDsc = (path: string): string => {
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new DataError(`${path}: is no regular file; a .dsc is expected`);
    if (found.size > largestDsc) throw new DataError(`${path}: is larger than ${largestDsc} bytes; a .dsc is expected`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof DataError) throw error;
    if (systemCodeOf(error) === 'ENOENT') throw new DataError(`${path}: no such file`);
    throw new DataError(`${path}: cannot be read: ${messageOf(error)}`);
  }
};

/** `--merge-v3 Packages… . Sources…` @throws UsageError for whom is no admin, or without both kinds of index */
export async function merge(request: Request, open: () => Promise<Store>): Promise<number> {
  const { parsed, conf, home, architecture, user, realUser, time, streams } = request;
  const distribution = oneDistribution(request);
  requireAdmin(request);
  const [packages = [], sources = [], ...others] = groupsOf(parsed.operands, { distribution, architecture });
  if (packages.length === 0 || sources.length === 0) {
    throw new UsageError('--merge-v3: expected Packages files, a ".", then Sources files');
  }
  if (others.some((group) => group.length > 0)) {
    throw new UsageError(
      '--merge-v3: indexes for building and related sources are not supported yet; expected Packages… . Sources…',
    );
  }
  const store = await open();
  try {
    const { changes, skipped } = await mergeIndexes(store, {
      distribution,
      architecture,
      packages,
      sources,
      user,
      realUser,
      time,
      mode: parsed.flags.has('simulate') ? 'simulate' : 'write',
      architectureRules: parsed.values.get('Pas') ?? null,
      queue: (db) => queueOf(db, conf, distribution, architecture),
    });
    if (parsed.flags.has('simulate')) {
      streams.out(changes.map(simulatedLine).join(''));
      return exitCode.ok;
    }
    if (changes.some((row) => row.state === 'Needs-Build' && row.action !== 'vanished')) wakeDaemon(home, time);
    if (parsed.flags.has('verbose')) {
      const moved = changes.map(
        (row) => `${row.package}_${row.version} (${row.architecture}, ${row.distribution}): ${movement(row)}`,
      );
      streams.out([...skipped, ...moved].map((line) => `merge-v3 ${mergeTime(time)} ${line}\n`).join(''));
    }
    return exitCode.ok;
  } finally {
    await store.close();
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2026 Nov 20 08:41:42`, UTC. */
const mergeTime = (time: Date): string => {
  const iso = time.toISOString();
  return `${iso.slice(0, 4)} ${months[time.getUTCMonth()] ?? ''} ${iso.slice(8, 10)} ${iso.slice(11, 19)}`;
};

const groupsOf = (
  operands: readonly string[],
  { distribution, architecture }: { readonly distribution: string; readonly architecture: string },
): string[][] => {
  const groups: string[][] = [[]];
  for (const operand of operands) {
    if (operand === '.') groups.push([]);
    else groups.at(-1)?.push(operand.replaceAll('%ARCH%', architecture).replaceAll('%SUITE%', distribution));
  }
  return groups;
};

const requireAdmin = ({ conf, home, realUser }: Request): void => {
  const isOwner = (): boolean => {
    try {
      return statSync(home).uid === process.getuid?.();
    } catch {
      return false;
    }
  };
  const isAdmin =
    conf.admin_users === undefined ? realUser === 'root' || isOwner() : conf.admin_users.includes(realUser);
  if (!isAdmin) throw new UsageError(`--merge-v3: ${realUser} is not one of admin_users (wanna-build.toml)`);
};
