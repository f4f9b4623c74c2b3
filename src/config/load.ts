// Reads buildd.conf and wanna-build.toml: the system's file first, the home's after it, key by key. What is wrong
// becomes one line with file, key and what is expected; nothing is ever half used.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type * as v from 'valibot';
import { ConfigurationError } from '../platform/errors.ts';
import { loginName } from '../platform/login-name.ts';
import { programPath } from '../platform/program-path.ts';
import { hostArchitecture } from '../debian/architecture.ts';
import {
  builddConfSchema,
  roles,
  type AdminConf,
  type AuthConf,
  type BuilddConf,
  type BuilderConf,
  type DistributionConf,
  type Role,
} from './buildd-conf.ts';
import { builddNotices, wannaBuildNotices } from './not-yet.ts';
import { check, merge, readAll } from './read-files.ts';
import { wannaBuildConfSchema, type WannaBuildConf } from './wanna-build-conf.ts';

// Where the system's files are; tests name another directory.
const systemDirectory = '/etc/buildd';

/**
 * The configuration of a buildd home.
 * @throws ConfigurationError naming file and key; also when there is no file at all.
 */
export function loadBuilddConf(home: string, system = systemDirectory): BuilddConf {
  const files = readAll('buildd.conf', home, system);
  if (files.length === 0) {
    throw new ConfigurationError(
      `no configuration: neither ${join(system, 'buildd.conf')} nor ${join(home, 'buildd.conf')} is there`,
    );
  }
  for (const file of files) check(builddConfSchema, file.table, file.path);
  const table = merge(files);
  const last = files.at(-1)?.path ?? '';
  const raw = check(builddConfSchema, table, last);
  const architecture = hostArchitecture();
  const user = loginName();
  const distributions = raw.distributions.flatMap((entry) =>
    entry.dist_name.map((dist_name): DistributionConf => ({
      ...entry,
      dist_name,
      built_architecture: entry.built_architecture ?? architecture,
      wanna_build_db_user: entry.wanna_build_db_user ?? user,
    })),
  );
  for (const dist_name of raw.take_from_dists ?? []) {
    if (distributions.some((entry) => entry.dist_name === dist_name)) continue;
    const [entry] = check(builddConfSchema, { distributions: [{ dist_name }] }, last).distributions;
    if (entry) distributions.push({ ...entry, dist_name, built_architecture: architecture, wanna_build_db_user: user });
  }
  if (distributions.length === 0) {
    throw new ConfigurationError(
      `${last}: distributions: at least one [[distributions]] table (or take_from_dists) is expected`,
    );
  }
  return {
    ...raw,
    distributions,
    builder: resolveBuilder(raw.builder, last),
    mail: { ...raw.mail, address: raw.mail.address ?? `buildd@${hostname()}` },
    auth: resolveAuth(raw.auth, last),
    files: files.map((file) => file.path),
    notices: builddNotices(table),
  };
}

/**
 * wanna-build.toml of a home; all defaults where there is none. Without `[[distributions]]` in it, those of
 * buildd.conf are known, each with its built_architecture (and `all`). buildd.conf's `store` wins.
 * @throws ConfigurationError naming file and key.
 */
export function loadWannaBuildConf(home: string, system = systemDirectory): WannaBuildConf {
  const files = readAll('wanna-build.toml', home, system);
  for (const file of files) check(wannaBuildConfSchema, file.table, file.path);
  const table = merge(files);
  const conf = check(wannaBuildConfSchema, table, files.at(-1)?.path ?? 'wanna-build.toml');
  const notices = wannaBuildNotices(table);
  const builddFiles = readAll('buildd.conf', home, system);
  if (builddFiles.length === 0) return { ...conf, notices, files: files.map((file) => file.path) };
  const buildd = loadBuilddConf(home, system);
  return {
    ...conf,
    notices,
    store: buildd.store ?? conf.store,
    distributions: conf.distributions.length > 0 ? conf.distributions : distributionsOf(buildd),
    files: [...files.map((file) => file.path), ...buildd.files],
  };
}

const distributionsOf = (buildd: BuilddConf): WannaBuildConf['distributions'] => {
  const byName = new Map<string, Set<string>>();
  for (const { dist_name, built_architecture } of buildd.distributions) {
    const known = byName.get(dist_name) ?? new Set(['all']);
    byName.set(dist_name, known.add(built_architecture));
  }
  return [...byName].map(([name, architectures]) => ({
    name,
    aliases: [],
    architectures: [...architectures],
    auto_dep_wait: true,
    suppress_successful_logs: false,
    public: true,
  }));
};

const resolveBuilder = (builder: v.InferOutput<typeof builddConfSchema>['builder'], file: string): BuilderConf => {
  const fallback = programPath('sbuild') === null ? 'dpkg' : 'sbuild';
  if (builder === undefined) return { use: fallback, command: undefined, bubblewrap: true, network: false };
  const use = builder.use ?? (builder.command === undefined ? fallback : 'command');
  if (use === 'command' && builder.command === undefined) {
    throw new ConfigurationError(`${file}: builder.command: expected a table with build = ["PROGRAM", "ARGUMENT", …]`);
  }
  return { ...builder, use };
};

const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text);

const resolveAuth = (auth: v.InferOutput<typeof builddConfSchema>['auth'], file: string): AuthConf => {
  const { admins, admin_addresses, ...rest } = auth;
  if (admins.length > 0 && admin_addresses !== undefined) {
    throw new ConfigurationError(`${file}: auth.admin_addresses: expected either this or [[auth.admins]], not both`);
  }
  const lower = (list: readonly string[]): string[] => list.map((address) => address.toLowerCase());
  const short: AdminConf[] =
    admin_addresses === undefined
      ? []
      : [{ addresses: lower(admin_addresses), fingerprints: null, roles: ['all'], distributions: null }];
  const named = admins.map((admin, index): AdminConf => {
    const known = admin.roles.filter(isRole);
    const unknown = admin.roles.find((role) => !isRole(role));
    if (unknown !== undefined) {
      throw new ConfigurationError(
        `${file}: auth.admins.${index}.roles: "${unknown}" is no role; expected some of ${roles.join(', ')}`,
      );
    }
    return {
      addresses: lower(admin.addresses),
      fingerprints: admin.fingerprints,
      roles: known,
      distributions: admin.distributions ?? null,
    };
  });
  return { ...rest, admins: [...short, ...named] };
};
