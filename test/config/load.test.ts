import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builddConfSchema } from '../../src/config/buildd-conf.ts';
import { loadBuilddConf, loadWannaBuildConf } from '../../src/config/load.ts';
import { wannaBuildConfSchema } from '../../src/config/wanna-build-conf.ts';
import { ConfigurationError } from '../../src/platform/errors.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const root = temporaryDirectory();
const sources = join(import.meta.dirname, '..', '..', 'src');
let count = 0;

interface Files {
  readonly buildd?: string;
  readonly wannaBuild?: string;
  readonly systemBuildd?: string;
}

const written = (files: Files): { home: string; system: string } => {
  count += 1;
  const home = join(root, `home${count}`);
  const system = join(root, `etc${count}`);
  mkdirSync(home);
  mkdirSync(system);
  if (files.buildd !== undefined) writeFileSync(join(home, 'buildd.conf'), files.buildd);
  if (files.wannaBuild !== undefined) writeFileSync(join(home, 'wanna-build.toml'), files.wannaBuild);
  if (files.systemBuildd !== undefined) writeFileSync(join(system, 'buildd.conf'), files.systemBuildd);
  return { home, system };
};

const load = (files: Files) => {
  const { home, system } = written(files);
  return loadBuilddConf(home, system);
};

const problem = (files: Files): string => {
  const { home, system } = written(files);
  try {
    loadBuilddConf(home, system);
    loadWannaBuildConf(home, system);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message.replaceAll(home, 'HOME').replaceAll(system, 'ETC');
  }
  return 'no problem';
};

const minimal = '[[distributions]]\ndist_name = "sid"\n';

describe('buildd.conf', () => {
  it('fills in the documented defaults', () => {
    const conf = load({ buildd: minimal });
    expect(conf).toMatchObject({
      admin_mail: 'root',
      max_build: 1,
      jobs: 1,
      delay_after_give_back: 480,
      idle_sleep_time: 300,
      min_free_space: 51200,
      max_sbuild_fails: 2,
      should_build_msgs: true,
      dupload_to: 'erlangen',
      build_timeout: 86400,
      stuck_timeout: 7200,
    });
    expect(conf.auth.accept).toEqual(['signature', 'token']);
    expect(conf.mail).toMatchObject({ max_log_lines: 2000, max_log_bytes: 524288, transport: 'sendmail' });
  });

  it('makes one distribution of each name of a dist_name list', () => {
    const conf = load({
      buildd: '[[distributions]]\ndist_name = ["sid", "stable/updates"]\nbuilt_architecture = "arm64"\n',
    });
    expect(conf.distributions.map((d) => [d.dist_name, d.built_architecture])).toEqual([
      ['sid', 'arm64'],
      ['stable/updates', 'arm64'],
    ]);
  });

  it('knows take_from_dists as the short form of [[distributions]]', () => {
    expect(load({ buildd: 'take_from_dists = ["bookworm"]\n' }).distributions.map((d) => d.dist_name)).toEqual([
      'bookworm',
    ]);
  });

  it("lets the home's file win over the system's, key by key inside a table", () => {
    const conf = load({
      systemBuildd: `admin_mail = "a@example.org"\nmax_build = 3\n[mail]\naddress = "x@example.org"\nmax_log_lines = 10\n`,
      buildd: `admin_mail = "b@example.org"\n${minimal}[mail]\nmax_log_lines = 20\n`,
    });
    expect(conf).toMatchObject({ admin_mail: 'b@example.org', max_build: 3 });
    expect(conf.mail).toMatchObject({ address: 'x@example.org', max_log_lines: 20 });
    expect(conf.files).toHaveLength(2);
  });

  it('takes the builder as a word or as a table with its command', () => {
    expect(load({ buildd: `builder = "dpkg"\n${minimal}` }).builder).toMatchObject({ use: 'dpkg', bubblewrap: true });
    const command = load({ buildd: `${minimal}[builder.command]\nbuild = ["/bin/build", "%p"]\n` });
    expect(command.builder).toMatchObject({ use: 'command', command: { build: ['/bin/build', '%p'] } });
  });

  it('reads admins with addresses in lower case, all roles, and fingerprints without blanks', () => {
    const conf = load({
      buildd: `${minimal}[[auth.admins]]\naddresses = ["Admin@Example.org"]\nfingerprints = ["3cc9 ddb6 5dda cba6 0269  2206 d6a6 eb23 5072 4e84"]\n`,
    });
    expect(conf.auth.admins).toEqual([
      {
        addresses: ['admin@example.org'],
        fingerprints: ['3CC9DDB65DDACBA602692206D6A6EB2350724E84'],
        roles: ['all'],
        distributions: null,
      },
    ]);
  });

  it('says of a key whose feature is not there yet that it has no effect', () => {
    expect(load({ buildd: `${minimal}wanna_build_api = 1\n[mail]\ndigest = "08:00"\n` }).notices).toEqual([
      'mail.digest is set, but the daily digest is not there yet; the key has no effect',
      'distributions.wanna_build_api is set, but a remote wanna-build server is not there yet; the key has no effect',
    ]);
    expect(load({ buildd: `${minimal}[[upload_queues]]\nprogram = "sftp"\n` }).notices).toEqual([
      'upload_queues: program "sftp" is not there yet; nothing is uploaded from that queue',
    ]);
    const { home, system } = written({ buildd: minimal, wannaBuild: 'db_maint = "a@example.org"\n' });
    expect(loadWannaBuildConf(home, system).notices).toEqual([
      'db_maint is set, but the mail about forgotten packages is not there yet; the key has no effect',
    ]);
  });

  it('has no key that is neither read by a program nor said to have no effect yet', () => {
    const programs = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/^config\/(?:buildd-conf|wanna-build-conf)\.ts$/.test(path))
      .map((path) => readFileSync(join(sources, path), 'utf8'))
      .join('\n');
    const keys = [...Object.keys(builddConfSchema.entries), ...Object.keys(wannaBuildConfSchema.entries)];
    expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(programs))).toEqual([]);
  });

  it.each([
    ['an unknown key', { buildd: `max_builds = 2\n${minimal}` }, 'HOME/buildd.conf: max_builds: unknown key'],
    [
      'an unknown key in a table',
      { buildd: `${minimal}[mail]\nadress = "x"\n` },
      'HOME/buildd.conf: mail.adress: unknown key',
    ],
    [
      'a wrong type',
      { buildd: `max_build = "two"\n${minimal}` },
      'HOME/buildd.conf: max_build: expected a whole number, found "two"',
    ],
    [
      'a number that is too small',
      { buildd: `jobs = 0\n${minimal}` },
      'HOME/buildd.conf: jobs: expected 1 or more, found 0',
    ],
    [
      'a bad regular expression',
      { buildd: `no_build_regex = "("\n${minimal}` },
      'HOME/buildd.conf: no_build_regex: expected a regular expression; this one does not compile, found "("',
    ],
    [
      'a bad distribution name',
      { buildd: '[[distributions]]\ndist_name = "../etc"\n' },
      'HOME/buildd.conf: distributions.0.dist_name: expected a string or a list of strings, found "../etc"',
    ],
    [
      'a distribution without a name',
      { buildd: '[[distributions]]\nbuilt_architecture = "amd64"\n' },
      'HOME/buildd.conf: distributions.0.dist_name: this key is needed',
    ],
    [
      'no distribution',
      { buildd: 'max_build = 1\n' },
      'HOME/buildd.conf: distributions: at least one [[distributions]] table (or take_from_dists) is expected',
    ],
    ['no file', {}, 'no configuration: neither ETC/buildd.conf nor HOME/buildd.conf is there'],
    ['what is not TOML', { buildd: 'max_build = \n' }, /^HOME\/buildd\.conf: line 1: \S/],
    ['an error in the system file', { systemBuildd: 'x = 1\n', buildd: minimal }, 'ETC/buildd.conf: x: unknown key'],
    [
      'an unknown role',
      { buildd: `${minimal}[[auth.admins]]\naddresses = []\nroles = ["king"]\n` },
      /auth\.admins\.0\.roles: "king" is no role/,
    ],
    [
      'both forms of admins',
      { buildd: `${minimal}[auth]\nadmin_addresses = ["a@example.org"]\n[[auth.admins]]\naddresses = []\n` },
      /either this or \[\[auth\.admins\]\], not both/,
    ],
    [
      'a transport that is none',
      { buildd: `${minimal}[mail]\ntransport = "pigeon"\n` },
      /mail\.transport: expected "sendmail", "smtp:/,
    ],
    [
      'an unknown key in wanna-build.toml',
      { buildd: minimal, wannaBuild: 'sotre = "x"\n' },
      'HOME/wanna-build.toml: sotre: unknown key',
    ],
    [
      'a store distribution without architectures',
      { buildd: minimal, wannaBuild: '[[distributions]]\nname = "sid"\n' },
      'HOME/wanna-build.toml: distributions.0.architectures: this key is needed',
    ],
  ] as const)('refuses %s in one line with file, key and what is expected', (_what, files, expected) => {
    const line = problem(files);
    expect(line).toMatch(expected);
    expect(line).not.toContain('\n');
  });

  it('says that a file cannot be read', () => {
    const { home, system } = written({});
    mkdirSync(join(home, 'buildd.conf'));
    expect(() => loadBuilddConf(home, system)).toThrow(/buildd\.conf: cannot be read/);
  });
});

describe('wanna-build.toml', () => {
  it("knows buildd.conf's distributions where it names none", () => {
    const { home, system } = written({
      buildd: '[[distributions]]\ndist_name = ["sid"]\nbuilt_architecture = "arm64"\n',
    });
    expect(loadWannaBuildConf(home, system).distributions).toMatchObject([
      { name: 'sid', architectures: ['all', 'arm64'] },
    ]);
  });

  it("lets buildd.conf's store win", () => {
    const { home, system } = written({
      buildd: `store = "sqlite:other.db"\n${minimal}`,
      wannaBuild: 'store = "sqlite:mine.db"\n',
    });
    expect(loadWannaBuildConf(home, system).store).toBe('sqlite:other.db');
  });
});
