// The whole way of a package on real parts: `hello` from Debian's archive, sbuild in a chroot, postfix, a mailbox,
// gpg, ~/.forward, dupload, reprepro. Each arrow of the way is one test; each needs the one before.
import { execFileSync, spawnSync, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { simpleParser, type ParsedMail } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostArchitecture } from '../support/build-world.ts';
import { chrootDistribution, chrootName, chrootProblem, chrootUser, ensureChroot } from '../support/chroot.ts';
import { makeKey, type SigningKey } from '../support/admin-key.ts';
import { endAgent, makeSigningKey } from '../support/gpg-key.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const problem = chrootProblem();
const root = join(import.meta.dirname, '..', '..');
const distribution = chrootDistribution();
const architecture = hostArchitecture();
const home = `/home/${chrootUser}`;
const program = '/opt/mailbuildd';
const buildSeconds = 300;

describe.skipIf(problem !== null)(`hello goes the whole way${problem === null ? '' : ` (${problem})`}`, () => {
  let server: MailServer;
  let adminKey: SigningKey;
  let builddKeys: string;
  let builddKey: string;
  let archive: string;
  let work: string;
  let daemon: ChildProcess;
  let version: string;
  let letter: ParsedMail;

  const asBuildd = (command: string, ...args: string[]): string =>
    server.call(`${program}/bin/${command}`, args, { user: chrootUser, env: { HOME: home }, cwd: home });
  const wannaBuild = (...args: string[]): string =>
    asBuildd('wanna-build', '--dist', distribution, '--arch', architecture, ...args);
  const state = (): string => /^ {2}State +: (\S+)$/m.exec(wannaBuild('--info', 'hello'))?.[1] ?? 'not registered';
  const untilState = (wanted: string): Promise<true> =>
    until(`hello becoming ${wanted}, is ${state()}`, 60, () => (state() === wanted ? true : null));
  const reprepro = (...args: string[]): string =>
    execFileSync('reprepro', ['-b', archive, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const indexes = (): string[] => [
    join(archive, `dists/${distribution}/main/binary-${architecture}/Packages`),
    '.',
    join(archive, `dists/${distribution}/main/source/Sources.gz`),
  ];

  beforeAll(async () => {
    ensureChroot();
    work = temporaryDirectory('mb-e2e');
    chmodSync(work, 0o755);
    adminKey = makeKey('Example Admin <admin@localhost>');
    archive = join(work, 'archive');
    const dsc = fetchHello(work);
    version = /^Version: (\S+)$/m.exec(readFileSync(dsc, 'utf8'))?.[1] ?? '';
    makeArchive(archive, dsc, reprepro);
    const realHome = join(work, 'home');
    builddKeys = join(realHome, 'gnupg');
    mkdirSync(realHome);
    builddKey = makeSigningKey(builddKeys, 'Example buildd <builder@localhost>');
    endAgent(builddKeys);
    writeFileSync(join(realHome, '.forward'), `"|${program}/bin/buildd-mail"\n`);
    writeFileSync(join(realHome, '.dupload.conf'), duploadConf(archive));
    writeFileSync(join(realHome, 'admins.asc'), adminKey.publicKey);
    writeFileSync(join(realHome, 'buildd.conf'), builddConf(builddKey));
    chmodSync(realHome, 0o755);
    execFileSync('chown', ['-R', `${chrootUser}:`, realHome]);
    for (const name of ['incoming']) execFileSync('chown', [`${chrootUser}:`, join(archive, name)]);
    const binds = ['bin', 'dist', 'node_modules'].map((name) => [join(root, name), `${program}/${name}`] as const);
    server = startMailServer(join(work, 'postfix'), { mailboxes: ['admin'], binds: [[realHome, home], ...binds] });
    await Promise.resolve();
  });

  afterAll(async () => {
    if (daemon.exitCode === null) {
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      execFileSync('pkill', ['-TERM', '-f', `${program}/bin/../dist/buildd.js`]);
      await ended;
    }
    server.stop();
    adminKey.remove();
    endAgent(builddKeys);
  });

  it('from the archive index into the store', () => {
    wannaBuild('--merge-v3', ...indexes());
    expect(wannaBuild('--list=needs-build')).toMatch(
      new RegExp(`^devel/hello_${version.replaceAll('.', '\\.')} \\[optional:uncompiled`, 'm'),
    );
  });

  it('from the store through sbuild into the signed log mail, which postfix delivers', async () => {
    daemon = server.start(`${program}/bin/buildd`, ['--no-detach'], {
      user: chrootUser,
      env: { HOME: home },
      cwd: home,
    });
    const raw = await until('a log mail in the mailbox', buildSeconds, () => server.mailbox('admin')[0] ?? null);
    letter = await simpleParser(raw);
    expect(letter.subject).toBe(
      `Log for successful build of hello_${version} on ${architecture} (dist=${distribution})`,
    );
    expect(raw).toMatch(/^Content-Type: multipart\/signed;/m);
    expect(signerOf(raw, work, builddKeys)).toBe(builddKey);
    expect(letter.text).toMatch(/^Result: +successful$/m);
    expect(letter.text).toContain('sbuild (Debian sbuild)');
    expect(state()).toBe('Built');
  });

  it("from the admin's signed reply, through ~/.forward, into the upload queue", async () => {
    const text = letter.text ?? '';
    const changes = `${text.slice(text.lastIndexOf('\nFormat: 1.8') + 1).trimEnd()}\n`;
    expect(changes).toContain(`Version: ${version}`);
    const replyTo = letter.replyTo?.value[0]?.address ?? '';
    server.send('admin@localhost', replyTo, reply(letter, replyTo, adminKey.clearsign(changes)));
    const name = `hello_${version}_${architecture}.changes`;
    await until(`${name} in upload/`, 60, () => (existsSync(join(work, 'home/upload', name)) ? true : null));
    expect(readdirSync(join(work, 'home/upload'))).toContain(`hello_${version}_${architecture}.deb`);
    await until('an empty mail queue', 60, () =>
      readdirSync(join(work, 'home/mqueue')).every((entry) => entry.startsWith('.') || entry === 'failed')
        ? true
        : null,
    );
  });

  it('from the upload queue by dupload into the incoming directory, and the store says Uploaded', () => {
    expect(asBuildd('buildd-uploader')).toContain(`uploaded upload/hello_${version}_${architecture}.changes`);
    expect(readdirSync(join(archive, 'incoming'))).toContain(`hello_${version}_${architecture}.changes`);
    expect(state()).toBe('Uploaded');
  });

  it('from the incoming directory into the archive, whose mail empties the queue', async () => {
    reprepro('processincoming', 'default');
    expect(reprepro('list', distribution, 'hello')).toContain(`${distribution}|main|${architecture}: hello ${version}`);
    server.send('archive@localhost', `${chrootUser}@localhost`, acceptedMail(version));
    await until('an empty upload queue', 60, () =>
      readdirSync(join(work, 'home/upload')).some((name) => name.endsWith('.changes')) ? null : true,
    );
    expect(state()).toBe('Uploaded');
  });

  it("from the archive's own index back into the store: Installed", async () => {
    wannaBuild('--merge-v3', ...indexes());
    await untilState('Installed');
    expect(wannaBuild('--info', 'hello')).toMatch(new RegExp(`^ {2}Installed-Version +: ${version}$`, 'm'));
  });
});

// The fingerprint that gpg finds under a multipart/signed mail (RFC 3156 §5: the signed part with CRLF line ends).
const signerOf = (raw: string, work: string, keyring: string): string | undefined => {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? '';
  const [, signedPart = '', signaturePart = ''] = raw.split(`\n--${boundary}\n`);
  const [text, signature] = [join(work, 'signed-part'), join(work, 'signature.asc')];
  writeFileSync(text, signedPart.replace(/\r?\n/g, '\r\n'));
  writeFileSync(signature, signaturePart.slice(signaturePart.indexOf('-----BEGIN')));
  const { stdout } = spawnSync(
    'gpg',
    ['--homedir', keyring, '--batch', '--status-fd', '1', '--verify', signature, text],
    {
      encoding: 'utf8',
    },
  );
  return /VALIDSIG ([0-9A-F]{40})/.exec(stdout)?.[1];
};

const fetchHello = (work: string): string => {
  const tree = `/srv/chroot/${distribution}-${architecture}`;
  const list = join(tree, 'etc/apt/sources.list');
  const binary = readFileSync(list, 'utf8');
  if (!/^deb-src /m.test(binary)) appendFileSync(list, binary.replace(/^deb /gm, '\ndeb-src '));
  // The name server of this machine, as schroot copies it, too.
  cpSync('/etc/resolv.conf', join(tree, 'etc/resolv.conf'));
  cpSync('/etc/hosts', join(tree, 'etc/hosts'));
  mkdirSync(join(tree, 'tmp/hello'), { recursive: true });
  const inChroot = (...args: string[]): void => {
    const { status, stderr } = spawnSync('chroot', [tree, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  };
  inChroot('apt-get', '-q', 'update');
  inChroot(
    'sh',
    '-c',
    'cd /tmp/hello && rm -f * && apt-get -q source --download-only -o APT::Sandbox::User=root hello',
  );
  cpSync(join(tree, 'tmp/hello'), join(work, 'source'), { recursive: true });
  const dsc = readdirSync(join(work, 'source')).find((name) => name.endsWith('.dsc'));
  if (dsc === undefined) throw new Error('apt-get source fetched no .dsc of hello');
  return join(work, 'source', dsc);
};

const makeArchive = (archive: string, dsc: string, reprepro: (...args: string[]) => string): void => {
  for (const name of ['conf', 'incoming', 'tmp']) mkdirSync(join(archive, name), { recursive: true });
  writeFileSync(
    join(archive, 'conf/distributions'),
    `Codename: ${distribution}\nSuite: ${distribution}\nArchitectures: ${architecture} source\nComponents: main\n`,
  );
  writeFileSync(
    join(archive, 'conf/incoming'),
    `Name: default\nIncomingDir: incoming\nTempDir: tmp\nAllow: ${distribution}\nCleanup: on_deny on_error\n`,
  );
  reprepro('--section', 'devel', '--priority', 'optional', 'includedsc', distribution, dsc);
  reprepro('export');
};

const duploadConf = (archive: string): string => `
package config;




$cfg{'local'} = { fqdn => 'localhost', method => 'copy', incoming => '${archive}/incoming/', dinstall_runs => 1, preupload => { changes => [], sourcepackage => [], package => [], file => [], deb => [] }, postupload => {} };
1;
`;

const builddConf = (key: string): string => `\
admin_mail = "admin@localhost"
builder = "sbuild"
no_detach = true

[[distributions]]
dist_name = "${distribution}"
built_architecture = "${architecture}"
sbuild_chroot = "${chrootName()}"
maintainer_name = "Example buildd <builder@localhost>"

[[upload_queues]]
dupload_archive_name = "local"

[mail]
address = "${chrootUser}@localhost"
sign_logs_with = "${key}"

[auth]
admin_keyring = "admins.asc"
admin_addresses = ["admin@localhost"]
trusted_notices = ["archive@localhost"]
`;

const reply = (letter: ParsedMail, to: string, body: string): string =>
  [
    'From: Example Admin <admin@localhost>',
    `To: ${to}`,
    `Subject: Re: ${letter.subject ?? ''}`,
    `In-Reply-To: ${letter.messageId ?? ''}`,
    `Message-ID: <reply.${Date.now()}@localhost>`,
    `Date: ${new Date().toUTCString()}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    body,
  ].join('\n');

const acceptedMail = (version: string): string =>
  [
    'From: Example Archive <archive@localhost>',
    `To: ${chrootUser}@localhost`,
    `Subject: hello_${version}_${architecture}.changes ACCEPTED into ${distribution}`,
    `Message-ID: <accepted.${Date.now()}@localhost>`,
    `Date: ${new Date().toUTCString()}`,
    '',
    'Accepted:',
    '',
    'Source: hello',
    `Version: ${version}`,
    '',
  ].join('\n');
