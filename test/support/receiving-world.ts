// A whole buildd home that receives mail: real configuration, home.db, store, keys and outbox (into a directory).
// A test builds a package in it, answers the log mail, and looks at what came of it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mailQueueOf, type MailQueue } from '../../src/cli/mail-queue.ts';
import { openPorts, type Ports } from '../../src/cli/ports.ts';
import { loadWannaBuildConf } from '../../src/config/load.ts';
import { beginBuild, endBuild } from '../../src/home/builds.ts';
import { openIntent } from '../../src/home/intent.ts';
import { lettersOfBuild } from '../../src/home/letters.ts';
import type { MailRequest } from '../../src/home/mail-request.ts';
import { storeMail } from '../../src/mail/incoming/spool/spool.ts';
import { makeToken } from '../../src/mail/token.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import { apply } from '../../src/wanna-build/apply.ts';
import type { PackageRecord, TransactionRow } from '../../src/wanna-build/record.ts';
import { transactionsOf } from '../../src/wanna-build/store/history.ts';
import { openStore } from '../../src/wanna-build/store/open.ts';
import type { SigningKey } from './admin-key.ts';
import { fieldOf, textOf } from './outgoing-world.ts';
import { changesText } from './upload-home.ts';

const architecture = 'amd64';
export const admin = 'admin@example.org';

export interface BuiltPackage {
  readonly name: string;
  readonly build: number;
  readonly claim: number;
  /** The text of its .changes in build/. */
  readonly changes: string;
  /** `Re: ` and the subject of its log mail. */
  readonly subject: string;
  /** Where the admin's reply goes: the buildd's address with the token. */
  readonly replyTo: string;
}

export interface BuildOptions {
  readonly distribution?: string;
  /** The Distribution field of the .changes, where it is another. */
  readonly distributions?: string;
  readonly result?: 'successful' | 'attempted' | 'given-back' | 'failed';
  readonly kind?: 'log' | 'should-build';
  /** The text of its log. */
  readonly log?: string;
}

export interface Reply {
  readonly from?: string;
  /** The whole From field, where it is not `Admin <from>`. */
  readonly fromField?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly headers?: string;
  readonly body: string;
}

export interface SentMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly raw: string;
}

export interface ReceivingWorld {
  readonly root: string;
  readonly ports: Ports;
  readonly queue: MailQueue;
  readonly logged: readonly string[];
  /** Puts version 1.0 of a package into the store, builds it (only in the books) and sends its log mail. */
  built(name: string, options?: BuildOptions): Promise<BuiltPackage>;
  /** Queues a mail without processing it; its name in mqueue. */
  put(raw: string): string;
  /** Queues a mail and processes the queue. */
  receive(raw: string): Promise<void>;
  /** Mails sent since the last call, but for log mails and the questions. */
  sent(): SentMail[];
  record(name: string, distribution?: string): Promise<PackageRecord | null>;
  /** The store's transaction log of a package. */
  transactions(name: string, distribution?: string): Promise<TransactionRow[]>;
  /** A file of the home, empty where there is none. */
  read(path: string): string;
  /** What lies in a directory of the home. */
  list(path: string): string[];
  /** Registers a newer version, as a merge does. */
  newVersion(name: string, version: string, distribution?: string): Promise<void>;
  setTime(at: Date | null): void;
  close(): Promise<void>;
}

const twoAdmins = `admin_addresses = ["${admin}", "second@example.org"]\n`;

const worldConf = (more: string, admins: string): string => `admin_mail = "${admin}"
[[distributions]]
dist_name = "sid"
built_architecture = "${architecture}"
wanna_build_db_user = "builder"
[[distributions]]
dist_name = "experimental"
built_architecture = "${architecture}"
wanna_build_db_user = "builder"
logs_mail_also = ["second@example.org", "list@example.org"]
[[distributions]]
dist_name = "stable"
built_architecture = "${architecture}"
wanna_build_db_user = "builder"
dupload_local_queue_dir = "upload-stable"
[auth]
admin_keyring = "admin.asc"
trusted_notices = ["archive@example.org"]
${admins}[mail]
address = "buildd@example.org"
transport = "dir:sent"
${more}`;

const isLogOrQuestion = (subject: string): boolean => /^(?:Log for|Should I build)/.test(subject);

const listIn = (directory: string): string[] => {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
};

const readIn = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Makes the world; `more` is more of the [mail] table, `admins` the end of the [auth] table. */
export async function receivingWorld(publicKey: string, more = '', admins = twoAdmins): Promise<ReceivingWorld> {
  const root = mkdtempSync(join(tmpdir(), 'mw-'));
  writeFileSync(join(root, 'buildd.conf'), worldConf(more, admins));
  writeFileSync(join(root, 'admin.asc'), publicKey);
  const logged: string[] = [];
  let time: Date | null = null;
  const clock: Clock = {
    now: () => time ?? new Date(),
    sleep: (seconds, signal) => systemClock.sleep(seconds, signal),
  };
  const ports = await openPorts(root, { log: (line) => void logged.push(line), reopen: () => undefined }, clock);
  const queue = mailQueueOf(ports);
  const seen = new Set<string>();
  const put = (raw: string): string => storeMail(ports.paths, Buffer.from(raw), 10 * 1024 * 1024, clock.now());
  const world: ReceivingWorld = {
    root,
    ports,
    queue,
    logged,
    put,
    receive: async (raw) => {
      put(raw);
      await queue.run();
    },
    built: (name, options = {}) => buildIn(world, name, options),
    sent: () =>
      listIn(join(root, 'sent'))
        .filter((file) => !file.startsWith('.'))
        .flatMap((file) => readSent(join(root, 'sent', file), seen)),
    record: (name, distribution = 'sid') => ports.store.info({ package: name, distribution, architecture }),
    transactions: (name, distribution = 'sid') =>
      inStore(root, (store) => store.read((db) => transactionsOf(db, { package: name, distribution, architecture }))),
    read: (path) => readIn(join(root, path)),
    list: (path) => listIn(join(root, path)),
    newVersion: (name, version, distribution = 'sid') => add(root, name, version, distribution),
    setTime: (at) => void (time = at),
    close: async () => {
      await ports.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return world;
}

const readSent = (path: string, seen: Set<string>): SentMail[] => {
  if (seen.has(path)) return [];
  seen.add(path);
  // Files have LF at line ends, mails CRLF.
  const raw = Buffer.from(readFileSync(path, 'latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
  const subject = fieldOf(raw, 'Subject') ?? '';
  return isLogOrQuestion(subject)
    ? []
    : [{ to: fieldOf(raw, 'To') ?? '', subject, text: textOf(raw), raw: raw.toString() }];
};

type Store = Awaited<ReturnType<typeof openStore>>;

const inStore = async <T>(root: string, fn: (store: Store) => Promise<T>): Promise<T> => {
  const store = await openStore(loadWannaBuildConf(root).store, root);
  try {
    return await fn(store);
  } finally {
    await store.close();
  }
};

const add = async (root: string, name: string, version: string, distribution: string): Promise<void> => {
  const source = {
    version,
    section: 'misc',
    priority: 'optional',
    component: 'main',
    notes: 'uncompiled',
    source_path: null,
  };
  const key = { package: name, distribution, architecture };
  const context = {
    key,
    time: new Date(),
    user: 'builder',
    realUser: 'tester',
    override: false,
    adjustments: {},
    claim: null,
    intent: null,
    queue: 'Needs-Build',
  } as const;
  await inStore(root, (store) => store.write((db) => apply(db, { kind: 'add', source }, context)));
};

// The files of a result; a .changes that names them.
const putResults = (
  build: string,
  name: string,
  distribution: string,
): { readonly file: string; readonly text: string } => {
  const files = {
    [`${name}_1.0_${architecture}.deb`]: `the package ${name} 1.0`,
    [`${name}-dbgsym_1.0_${architecture}.deb`]: 'symbols',
  };
  const file = `${name}_1.0_${architecture}.changes`;
  const text = changesText({ source: name, version: '1.0', architecture, distribution, files });
  for (const [path, content] of Object.entries({ ...files, [file]: text })) writeFileSync(join(build, path), content);
  return { file, text };
};

const buildIn = async (world: ReceivingWorld, name: string, options: BuildOptions): Promise<BuiltPackage> => {
  const { distribution = 'sid', result = 'successful', kind = 'log' } = options;
  const { ports, root } = world;
  await add(root, name, '1.0', distribution);
  const [reply] = await ports.store.take([`${name}_1.0`], distribution, architecture, 'builder');
  if (reply?.status !== 'ok') throw new Error(`not taken: ${JSON.stringify(reply)}`);
  const claim = reply.claim ?? 0;
  const now = ports.clock.now();
  const build = beginBuild(
    ports.db,
    {
      package: name,
      version: '1.0',
      distribution,
      architecture,
      builderUser: 'builder',
      claim,
      binNmu: null,
      take: { mailLogs: null, suppressSuccessfulLogs: false },
    },
    now,
  );
  mkdirSync(join(root, 'build', `${name}_1.0-${build}`));
  const changes =
    result === 'successful' ? putResults(join(root, 'build'), name, options.distributions ?? distribution) : null;
  endBuild(ports.db, build, {
    result,
    failStage: result === 'successful' ? null : 'build',
    remark: null,
    logFile: options.log === undefined ? null : logFile(root, name, options.log),
    changesFile: changes?.file ?? null,
    finished: now,
    diskUsed: 1,
  });
  const action = (
    { successful: 'built', attempted: 'attempted', 'given-back': 'give-back', failed: 'give-back' } as const
  )[result];
  const report = {
    action,
    package: name,
    version: '1.0',
    distribution,
    architecture,
    user: 'builder',
    claim,
    message: null,
    buildPriority: null,
  } as const;
  const request: MailRequest = kind === 'log' ? { kind, build } : { kind, build, reason: null };
  const effects = kind === 'log' ? [{ kind: 'store', report } as const] : [];
  await ports.carryOut(
    openIntent(
      ports.db,
      { what: `${action} ${name}_1.0`, subject: null, effects, mails: [request], refusalMails: [] },
      now,
    ),
  );
  await ports.sendMail();
  const letter = lettersOfBuild(ports.db, build).find((one) => one.recipient === admin);
  if (letter === undefined) throw new Error('no letter to the admin');
  return {
    name,
    build,
    claim,
    changes: changes?.text ?? '',
    subject:
      kind === 'log'
        ? `Re: Log for ${result} build of ${name}_1.0 on ${architecture} (dist=${distribution})`
        : `Re: Should I build ${name}_1.0 (dist=${distribution})?`,
    replyTo: `buildd+${makeToken(ports.secret, letter)}@example.org`,
  };
};

const logFile = (root: string, name: string, text: string): string => {
  const path = join(root, 'logs', `${name}_1.0_${architecture}-2026-11-20T09:14:58Z`);
  writeFileSync(path, text);
  return path;
};

let counter = 0;

/** An admin's reply as a mail program sends it; with the token of the log mail, unless it says another To. */
export function replyMail(to: Pick<BuiltPackage, 'subject' | 'replyTo'>, reply: Reply): string {
  counter += 1;
  return [
    `Return-Path: <${reply.from ?? admin}>`,
    `From: ${reply.fromField ?? `Admin <${reply.from ?? admin}>`}`,
    `To: ${reply.to ?? to.replyTo}`,
    `Subject: ${reply.subject ?? to.subject}`,
    `Message-ID: <reply-${counter}@example.org>`,
    ...(reply.headers === undefined ? [] : [reply.headers]),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    reply.body,
    '',
  ].join('\n');
}

/** A text signed as PGP/MIME, with subject and recipient (`to`) inside the signature. */
export function signedMail(key: SigningKey, subject: string, body: string, to = 'buildd@example.org'): string {
  counter += 1;
  const inner = [
    'Content-Type: text/plain; charset=utf-8; protected-headers="v1"',
    `Subject: ${subject}`,
    `To: ${to}`,
    '',
    body,
    '',
  ].join('\r\n');
  return [
    `From: ${admin}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    `Message-ID: <signed-${counter}@example.org>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary="bound"',
    '',
    '--bound',
    `${inner}\r\n--bound`,
    'Content-Type: application/pgp-signature; name="signature.asc"',
    '',
    key.detachedSignature(inner).trim(),
    '--bound--',
    '',
  ].join('\r\n');
}
