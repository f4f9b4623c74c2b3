// The command --list: which packages are in a state, in the order and the form that was asked for.
import { ConfigurationError, DataError, UsageError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { formatList, listPackages } from '../wanna-build/listing.ts';
import type { ListQuery } from '../wanna-build/listing/listed.ts';
import { orderLetters, unknownLetter } from '../wanna-build/listing/order.ts';
import { parseState, states } from '../wanna-build/states.ts';
import { findPackages } from '../wanna-build/store/packages.ts';
import type { Store } from '../wanna-build/store/store.ts';
import { asJson } from './wanna-build-json.ts';
import { days, type Request } from './wanna-build-request.ts';

const checkOrder = (order: string, where: string): void => {
  const letter = unknownLetter(order);
  if (letter === null) return;
  const text = `${where}: "${letter}" is no order letter; there are ${orderLetters.join(' ')}`;
  throw where === '--order' ? new UsageError(text) : new ConfigurationError(text);
};

const queryOf = ({ parsed, conf, user, api }: Request): ListQuery => {
  const asked = parsed.values.get('list') ?? '';
  const state = asked.toLowerCase() === 'all' ? 'all' : parseState(asked);
  if (state === null) {
    const known = states.map((name) => name.toLowerCase()).join(', ');
    throw new DataError(`Unknown state to list: ${asked.slice(0, 60)}; known are ${known}, all`);
  }
  const order = parsed.values.get('order') ?? conf.list_order[state.toLowerCase()] ?? null;
  if (order !== null) checkOrder(order, parsed.values.has('order') ? '--order' : 'wanna-build.toml: list_order');
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
