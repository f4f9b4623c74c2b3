// Keys that are accepted but whose feature is not built yet. Setting one is no error; it says so at start and in
// `buildd check-config`.

/** Keys of buildd.conf by their path; `*` stands for each table of a list. */
const builddKeys: readonly (readonly [key: string, feature: string])[] = [
  ['mail.digest', 'the daily digest'],
  ['wanna_build', 'a remote wanna-build server'],
  ['distributions.*.wanna_build_db_name', 'a remote wanna-build server'],
  ['distributions.*.wanna_build_api', 'a remote wanna-build server'],
  ['distributions.*.wanna_build_ssh_host', 'a remote wanna-build server'],
  ['distributions.*.wanna_build_ssh_user', 'a remote wanna-build server'],
  ['distributions.*.wanna_build_ssh_socket', 'a remote wanna-build server'],
  ['distributions.*.wanna_build_ssh_options', 'a remote wanna-build server'],
  ['distributions.*.wanna_build_min_age', 'leaving young packages to others'],
  ['limits', 'the limit on memory, processor time and processes'],
  ['keep_history', 'the removal of old history'],
  ['statistics_mail', 'the statistics mail'],
  ['statistics_period', 'the statistics mail'],
];

/** Keys of wanna-build.toml. */
const wannaBuildKeys: readonly (readonly [key: string, feature: string])[] = [
  ['db_maint', 'the mail about forgotten packages'],
  ['notforus_maint', 'the mail about packages that are not for us'],
  ['domain', 'the mail of the store'],
  ['hosts', 'the access of other hosts over ssh'],
];

const notThereYet = ['dput', 'dput-ng', 'sftp'];

/** One line for each key of buildd.conf that is set and has no effect yet. */
export function builddNotices(table: Readonly<Record<string, unknown>>): string[] {
  const programs = valuesAt(table, ['upload_queues', '*', 'program']).filter((value) =>
    notThereYet.includes(String(value)),
  );
  return [
    ...notices(table, builddKeys),
    ...programs.map(
      (program) => `upload_queues: program "${String(program)}" is not there yet; nothing is uploaded from that queue`,
    ),
  ];
}

/** One line for each key of wanna-build.toml that is set and has no effect yet. */
export function wannaBuildNotices(table: Readonly<Record<string, unknown>>): string[] {
  return notices(table, wannaBuildKeys);
}

const notices = (table: unknown, keys: readonly (readonly [string, string])[]): string[] =>
  keys.flatMap(([key, feature]) =>
    valuesAt(table, key.split('.')).length === 0
      ? []
      : [`${key.replace('.*', '')} is set, but ${feature} is not there yet; the key has no effect`],
  );

const valuesAt = (value: unknown, [first, ...rest]: readonly string[]): unknown[] => {
  if (value === undefined) return [];
  if (first === undefined) return [value];
  if (first === '*') return Array.isArray(value) ? value.flatMap((item) => valuesAt(item, rest)) : [];
  if (typeof value !== 'object' || value === null) return [];
  return valuesAt((value as Readonly<Record<string, unknown>>)[first], rest);
};
