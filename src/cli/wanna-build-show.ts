// The commands that only look: --list, --info, --whoami and what is configured.
import { DataError, UsageError } from '../platform/errors.ts';
import { rfc3339 } from '../platform/clock.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { parseNameVersion } from '../debian/names.ts';
import { formatInfo, infoEntries } from '../wanna-build/info.ts';
import { formatList, listPackages } from '../wanna-build/listing.ts';
import type { ListQuery } from '../wanna-build/listing/listed.ts';
import { orderOf } from '../wanna-build/listing/order.ts';
import { calculatedPriority, daysInState, secondsInState } from '../wanna-build/priority.ts';
import type { PackageRecord, TransactionRow } from '../wanna-build/record.ts';
import { parseState, states } from '../wanna-build/states.ts';
import { transactionsOf } from '../wanna-build/store/history.ts';
import { findPackages } from '../wanna-build/store/packages.ts';
import type { Store } from '../wanna-build/store/store.ts';
import { days, type Request } from './wanna-build-request.ts';

/** A record as `--json` prints it: all its fields, and what is calculated from them. Stable; fields may be added. */
const asJson = (record: PackageRecord, { conf, time }: Request): Record<string, unknown> => ({
  ...record,
  calculated_priority: calculatedPriority(record, conf.priority, time),
  days_in_state: daysInState(record, time),
  seconds_in_state: secondsInState(record, time),
});

const queryOf = ({ parsed, conf, user, api }: Request): ListQuery => {
  const asked = parsed.values.get('list') ?? '';
  const state = asked.toLowerCase() === 'all' ? 'all' : parseState(asked);
  if (state === null) {
    const known = states.map((name) => name.toLowerCase()).join(', ');
    throw new DataError(`Unknown state to list: ${asked.slice(0, 60)}; known are ${known}, all`);
  }
  const order = parsed.values.get('order') ?? conf.list_order[state.toLowerCase()] ?? null;
  if (order !== null) orderOf(order);
  return {
    state,
    user: parsed.values.has('user') ? user : null,
    minAge: days(parsed, 'min-age'),
    maxAge: days(parsed, 'max-age'),
    order,
    api,
  };
};

/** `--list`. @throws DataError for an unknown state */
export async function list(request: Request, open: () => Promise<Store>): Promise<number> {
  const { parsed, conf, distributions, architecture, time, streams } = request;
  if (parsed.operands.length > 0)
    throw new UsageError(`--list: unexpected argument "${(parsed.operands[0] ?? '').slice(0, 60)}"`);
  const query = queryOf(request);
  const store = await open();
  try {
    const filter = { distributions, architecture, ...(query.state === 'all' ? {} : { state: query.state }) };
    const found = await store.read((db) => findPackages(db, filter));
    const listed = listPackages(
      found.map(({ record }) => record),
      query,
      conf.priority,
      time,
    );
    if (parsed.flags.has('json')) {
      streams.out(
        `${JSON.stringify(
          listed.map(({ record }) => asJson(record, request)),
          null,
          2,
        )}\n`,
      );
    } else streams.out(formatList(listed, query, parsed.values.get('format') ?? null));
    return exitCode.ok;
  } finally {
    await store.close();
  }
}

/** `--info`. */
export async function info(request: Request, open: () => Promise<Store>): Promise<number> {
  const { parsed, distributions, architecture, streams } = request;
  if (parsed.operands.length === 0) throw new UsageError('No packages given; see wanna-build --help');
  const names = parsed.operands.map((operand) => parseNameVersion(operand)?.name ?? operand.slice(0, 300));
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
  const store = await open();
  try {
    for (const operand of parsed.operands) {
      const name = parseNameVersion(operand)?.name ?? operand.slice(0, 300);
      const rows = await store.read(async (db) => {
        const each = distributions.map((distribution) =>
          transactionsOf(db, { package: name, distribution, architecture }),
        );
        return (await Promise.all(each)).flat();
      });
      if (parsed.flags.has('json')) streams.out(`${JSON.stringify(rows, null, 2)}\n`);
      else if (rows.length === 0) streams.out(`${name}: nothing is known to have happened\n`);
      else for (const row of rows) streams.out(`${historyLine(row)}\n`);
    }
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
    row.previous_state === null ? row.state : `${row.previous_state} -> ${row.state}`,
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
