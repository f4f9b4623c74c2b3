// A home for tests of outgoing mail: configuration, home.db, secret, and builds that ended as a test says.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuilddConf } from '../../src/config/buildd-conf.ts';
import { loadBuilddConf } from '../../src/config/load.ts';
import { beginBuild, endBuild, type BuildEnd, type NewBuild } from '../../src/home/builds.ts';
import { openHomeDatabase, type HomeDatabase } from '../../src/home/database.ts';
import { insertLetter } from '../../src/home/letters.ts';
import type { MailRequest } from '../../src/home/mail-request.ts';
import { ensureHomeDirectories, pathsOf, type HomePaths } from '../../src/home/paths.ts';
import { renderMail } from '../../src/mail/outgoing/render.ts';
import type { RenderedMails } from '../../src/mail/outgoing/render-context.ts';

export const now = new Date('2026-11-20T09:15:02Z');

export interface OutgoingWorld {
  readonly root: string;
  readonly paths: HomePaths;
  readonly conf: BuilddConf;
  readonly db: HomeDatabase;
  readonly secret: Uint8Array;
  /** A build that ended; its number. */
  endedBuild(end?: Partial<BuildEnd>, build?: Partial<NewBuild>): number;
  /** Writes a log into logs/; its path. */
  log(text: string | Uint8Array): string;
  render(request: MailRequest, refusal?: string | null, intentId?: string, conf?: BuilddConf): Promise<RenderedMails>;
  /** Renders and remembers the letters, as closing the intent does. */
  renderAndRemember(request: MailRequest): Promise<RenderedMails>;
  remove(): void;
}

const admins = `
[[auth.admins]]
addresses = ["admin@example.org"]
`;

/** Makes the world. `mail` is more of the [mail] table, `rest` stands before all tables. */
export function outgoingWorld({ mail = '', rest = '', distribution = '' } = {}): OutgoingWorld {
  const root = mkdtempSync(join(tmpdir(), 'mbd-out-'));
  writeFileSync(
    join(root, 'buildd.conf'),
    `admin_mail = "admin@example.org"\n${rest}\n[mail]\naddress = "buildd@example.org"\n${mail}\n${admins}
[[distributions]]
dist_name = "sid"
built_architecture = "amd64"
${distribution}\n`,
  );
  const paths = pathsOf(root);
  ensureHomeDirectories(paths);
  const conf = loadBuilddConf(root, join(root, 'no-system-files'));
  const db = openHomeDatabase(paths.homeDb);
  const secret = new Uint8Array(32).fill(7);
  const render: OutgoingWorld['render'] = (request, refusal = null, id = 'home-1', changed = conf) =>
    renderMail(request, { paths, conf: changed, db, secret, intent: { id, number: 1 }, refusal, now });
  return {
    root,
    paths,
    conf,
    db,
    secret,
    render,
    endedBuild: (end, build) => endedBuild(db, end, build),
    log: (text) => {
      mkdirSync(paths.logs, { recursive: true });
      const path = join(paths.logs, 'greet_1.0_amd64-2026-11-20T09:14:58Z');
      writeFileSync(path, text);
      return path;
    },
    renderAndRemember: async (request) => {
      const rendered = await render(request);
      for (const letter of rendered.letters) insertLetter(db, letter);
      return rendered;
    },
    remove: () => {
      db.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const endedBuild = (db: HomeDatabase, end: Partial<BuildEnd> = {}, build: Partial<NewBuild> = {}): number => {
  const number = beginBuild(
    db,
    {
      package: 'greet',
      version: '1.0',
      distribution: 'sid',
      architecture: 'amd64',
      builderUser: 'buildd',
      claim: 3,
      binNmu: null,
      take: { mailLogs: null, suppressSuccessfulLogs: false },
      ...build,
    },
    new Date('2026-11-20T09:14:58Z'),
  );
  endBuild(db, number, {
    result: 'successful',
    failStage: null,
    remark: null,
    logFile: null,
    changesFile: null,
    finished: now,
    diskUsed: 312,
    ...end,
  });
  return number;
};

/** The text of the first text part of a mail, decoded; quoted-printable or as it is. */
export function textOf(raw: Uint8Array): string {
  const mail = Buffer.from(raw).toString('latin1');
  const at = mail.search(/Content-Type: text\/plain/);
  const start = mail.indexOf('\r\n\r\n', at) + 4;
  const head = mail.slice(at, start);
  const end = mail.indexOf('\r\n--=_', start);
  const body = mail.slice(start, end < 0 ? undefined : end);
  if (!head.includes('quoted-printable')) return body.replaceAll('\r\n', '\n');
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}

/** The value of a header field, unfolded; null where it is not there. @throws where it is there twice. */
export function fieldOf(raw: Uint8Array, name: string): string | null {
  const mail = Buffer.from(raw).toString('latin1');
  const header = mail.slice(0, mail.indexOf('\r\n\r\n')).replace(/\r\n[ \t]/g, ' ');
  const found = header.split('\r\n').filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `));
  if (found.length > 1) throw new Error(`${name} is there ${found.length} times`);
  return found[0]?.slice(name.length + 2) ?? null;
}

/** The text of a .changes of greet that an admin could sign. */
export const greetChanges = `Format: 1.8
Date: Fri, 20 Nov 2026 09:15:00 +0000
Source: greet
Binary: greet
Architecture: amd64
Version: 1.0
Distribution: sid
Urgency: medium
Maintainer: Test <test@example.org>
Description:
 greet      - says hello
Changes:
 greet (1.0) sid; urgency=medium
 .
   * First.
Checksums-Sha1:
 da39a3ee5e6b4b0d3255bfef95601890afd80709 1234 greet_1.0_amd64.deb
Checksums-Sha256:
 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 1234 greet_1.0_amd64.deb
Files:
 d41d8cd98f00b204e9800998ecf8427e 1234 misc optional greet_1.0_amd64.deb
`;
