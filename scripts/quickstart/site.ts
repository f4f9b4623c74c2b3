// The small site that the quickstart runs on: a home with keys and configuration, an admin with a key and a mailbox,
// two source packages, an archive. All in one temporary directory, nothing outside it.
import { chmodSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from './programs.ts';

export const admin = 'admin@example.org';
export const archiveSender = 'ftpmaster@archive.example.org';
export const distribution = 'sid';

export interface Site {
  readonly root: string;
  readonly home: string;
  readonly adminKeys: string;
  readonly adminFingerprint: string;
  readonly builddFingerprint: string;
  readonly mailbox: string;
  readonly sources: string;
  readonly archive: string;
  readonly architecture: string;
}

const fixtures = join(import.meta.dirname, '..', 'test', 'fixtures', 'sources');

/** Makes the directories, the keys and the configuration. */
export function makeSite(root: string): Site {
  const inside = (name: string): string => {
    const path = join(root, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const home = inside('home');
  const site = {
    root,
    home,
    adminKeys: inside('admin'),
    mailbox: inside('mail'),
    sources: inside('sources'),
    archive: inside('archive'),
    architecture: call('dpkg', ['--print-architecture']).trim(),
  };
  const builddKeys = inside('home/gnupg');
  const adminFingerprint = makeKey(site.adminKeys, `Example Admin <${admin}>`);
  const builddFingerprint = makeKey(builddKeys, 'Example buildd <buildd@buildd.example.org>');
  writeFileSync(
    join(home, 'admins.asc'),
    call('gpg', ['--homedir', site.adminKeys, '--batch', '--armor', '--export', adminFingerprint]),
  );
  writeFileSync(join(home, 'buildd.conf'), configuration({ ...site, builddFingerprint }));
  writeFileSync(
    join(home, 'wanna-build.toml'),
    `[[distributions]]\nname = "${distribution}"\naliases = ["unstable"]\narchitectures = ["${site.architecture}", "all"]\n`,
  );
  mkdirSync(join(site.archive, 'incoming'), { recursive: true });
  mkdirSync(join(site.archive, 'pool'), { recursive: true });
  return { ...site, adminFingerprint, builddFingerprint };
}

const configuration = (site: {
  mailbox: string;
  archive: string;
  architecture: string;
  builddFingerprint: string;
}): string => `\
admin_mail = "${admin}"
builder = "dpkg"
no_detach = true
store = "sqlite:wanna-build.db"

[[distributions]]
dist_name = "${distribution}"
built_architecture = "${site.architecture}"

[[upload_queues]]
program = "copy"
target = "${site.archive}/incoming"

[mail]
address = "buildd@buildd.example.org"
transport = "dir:${site.mailbox}"
sign_logs_with = "${site.builddFingerprint}"

[auth]
admin_keyring = "admins.asc"
admin_addresses = ["${admin}"]
trusted_notices = ["${archiveSender}"]
`;

const makeKey = (directory: string, userId: string): string => {
  const gpg = ['--homedir', directory, '--batch', '--quiet'];
  call('gpg', [...gpg, '--passphrase', '', '--quick-generate-key', userId, 'ed25519', 'sign', '1y']);
  const listed = call('gpg', [...gpg, '--with-colons', '--list-secret-keys']);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1];
  if (fingerprint === undefined) throw new Error(`gpg made no key for ${userId}`);
  return fingerprint;
};

/** Makes a real source package out of a tree of the repository; returns the path of its .dsc. */
export function makeSource(site: Site, name: string): string {
  const tree = join(site.sources, name);
  cpSync(join(fixtures, name), tree, { recursive: true });
  chmodSync(join(tree, 'debian', 'rules'), 0o755);
  call('dpkg-source', ['--build', tree], { cwd: site.sources });
  const dsc = readdirSync(site.sources).find((file) => file.startsWith(`${name}_`) && file.endsWith('.dsc'));
  if (dsc === undefined) throw new Error(`dpkg-source made no .dsc of ${name}`);
  return join(site.sources, dsc);
}

/** Ends the gpg agents that were started for the site's keys. */
export function stopAgents(site: Pick<Site, 'adminKeys' | 'home'>): void {
  for (const directory of [site.adminKeys, join(site.home, 'gnupg')]) {
    try {
      call('gpgconf', ['--homedir', directory, '--kill', 'all']);
    } catch {
      // None was running.
    }
  }
}
