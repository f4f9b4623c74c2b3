// The commands that only look: --info, --history, --whoami and what is configured.
import { UsageError } from '../platform/errors.ts';
import { rfc3339 } from '../platform/clock.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { parseNameVersion } from '../debian/names.ts';
import { formatInfo, infoEntries } from '../wanna-build/info.ts';
import type { PackageRecord, TransactionRow } from '../wanna-build/record.ts';
import { movement } from '../wanna-build/movement.ts';
import { transactionsOf } from '../wanna-build/store/history.ts';
import { findPackages } from '../wanna-build/store/packages.ts';
import type { Store } from '../wanna-build/store/store.ts';
import { asJson } from './wanna-build-json.ts';
import { shown, type Request } from './wanna-build-request.ts';

/** `--info`. */
export async function info(request: Request, open: () => Promise<Store>): Promise<number> {
  const { parsed, distributions, architecture, streams } = request;
  if (parsed.operands.length === 0) throw new UsageError('No packages given; see wanna-build --help');
  const names = parsed.operands.map((operand) => parseNameVersion(operand)?.name ?? shown(operand));
  const store = await open();
  try {
    const found: { name: string; records: PackageRecord[] }[] = [];
    for (const name of names) {
      const rows = await store.read((db) => findPackages(db, { distributions, architecture, package: name }));
      found.push({ name, records: rows.map(({ record }) => record) });
    }
    if (parsed.flags.has('json')) {
      const entries = found.flatMap(({ name, records }) =>
        records.length === 0
          ? [{ package: name, registered: false }]
          : records.map((record) => ({ registered: true, ...asJson(record, request) })),
      );
      streams.out(`${JSON.stringify(entries, null, 2)}\n`);
    } else found.forEach((one) => streams.out(infoText(one.name, one.records, request)));
    const isMissing = found.some(({ records }) => records.length === 0);
    return isMissing && parsed.flags.has('strict') ? exitCode.refused : exitCode.ok;
  } finally {
    await store.close();
  }
}

const infoText = (name: string, records: readonly PackageRecord[], { conf, time, parsed }: Request): string => {
  if (records.length === 0) return `${name}: not registered\n`;
  const asked = parsed.values.get('dist') ?? '';
  const isEach = ['a', 'all', 'any'].includes(asked) || asked.includes(',');
  return records
    .map((record) => {
      const heading = isEach ? `${record.package}(${record.distribution})` : record.package;
      return formatInfo(heading, infoEntries(record, conf.priority, time));
    })
    .join('');
};

/** `--history`: what happened to a package, a line each; `by intent` names the intent of a buildd home. */
export async function history(request: Request, open: () => Promise<Store>): Promise<number> {
  const { parsed, distributions, architecture, streams } = request;
  if (parsed.operands.length === 0) throw new UsageError('No packages given; see wanna-build --help');
  const isJson = parsed.flags.has('json');
  const all: TransactionRow[] = [];
  const store = await open();
  try {
    for (const operand of parsed.operands) {
      const name = parseNameVersion(operand)?.name ?? shown(operand);
      const rows = await store.read(async (db) => {
        const each = distributions.map((distribution) =>
          transactionsOf(db, { package: name, distribution, architecture }),
        );
        return (await Promise.all(each)).flat();
      });
      if (isJson) all.push(...rows);
      else if (rows.length === 0) streams.out(`${name}: nothing is known to have happened\n`);
      else for (const row of rows) streams.out(`${historyLine(row)}\n`);
    }
    if (isJson) streams.out(`${JSON.stringify(all, null, 2)}\n`);
    return exitCode.ok;
  } finally {
    await store.close();
  }
}

const historyLine = (row: TransactionRow): string =>
  [
    rfc3339(row.time),
    `${row.package}_${row.version}`,
    `(${row.distribution}/${row.architecture})`,
    `${row.action}:`,
    row.previous_state === null ? row.state : movement(row),
    `by ${row.builder ?? row.real_user}`,
    ...(row.intent === null ? [] : [`intent ${row.intent}`]),
  ].join(' ');

/** `--whoami`, `--distribution-architectures`, `--distribution-aliases`: what is configured, as YAML. */
export async function configured(
  command: 'whoami' | 'distribution-architectures' | 'distribution-aliases',
  { conf, user, streams }: Pick<Request, 'conf' | 'user' | 'streams'>,
): Promise<number> {
  const { yamlDocument } = await import('../wanna-build/yaml.ts');
  const shown = conf.distributions.filter((entry) => entry.public);
  if (command === 'distribution-architectures') {
    streams.out(yamlDocument(Object.fromEntries(shown.map((entry) => [entry.name, entry.architectures]))));
  } else if (command === 'distribution-aliases') {
    streams.out(
      yamlDocument(Object.fromEntries(shown.flatMap((entry) => entry.aliases.map((alias) => [alias, entry.name])))),
    );
  } else {
    const host = conf.hosts.find((entry) => entry.user === user);
    streams.out(yamlDocument({ user, ...host }));
  }
  return exitCode.ok;
}
