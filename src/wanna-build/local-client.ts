// The client of a store on this machine. Reports of a buildd home are carried out exactly once for each intent.
import { wakeDaemon } from '../home/wake.ts';
import { systemClock, type Clock } from '../platform/clock.ts';
import { loginName } from '../platform/login-name.ts';
import { assertNever } from '../platform/errors.ts';
import type { WannaBuildConf } from '../config/wanna-build-conf.ts';
import type { StoreAnswer, StoreReport } from '../home/store-port.ts';
import { apply, queueOf, wakes } from './apply.ts';
import type { TakeReply, WannaBuildClient } from './client.ts';
import { listLine, listPackages } from './listing.ts';
import { parseNameVersion } from '../debian/names.ts';
import { answerTo, recordAnswer } from './store/history.ts';
import { findPackage, findPackages } from './store/packages.ts';
import { openStore } from './store/open.ts';
import type { Connection, Store } from './store/store.ts';
import { takenReply } from './take-reply.ts';
import { owns } from './transition/ownership.ts';
import type { Adjustments, Transition, TransitionContext, TransitionEvent } from './transition.ts';

interface LocalClientOptions {
  readonly home: string;
  readonly conf: WannaBuildConf;
  /** Who really asks, for the transaction log; default: the login name. */
  readonly realUser?: string;
  /** Instead of the configuration's. */
  readonly store?: string;
  readonly clock?: Clock;
  /** Told in one line what is odd about the store; default: on standard error. */
  readonly warn?: (line: string) => void;
}

/**
 * Opens the store of a home.
 * @throws UnavailableError, DataError, ConfigurationError with one line, when it cannot be used.
 */
export async function openLocalClient(options: LocalClientOptions): Promise<WannaBuildClient> {
  const { home, conf } = options;
  const clock = options.clock ?? systemClock;
  const store = await openStore(options.store ?? conf.store, home, options.warn);
  const world = { store, home, conf, clock, realUser: options.realUser ?? loginName() };
  return {
    needsBuild: (distribution, architecture) => needsBuild(world, distribution, architecture),
    take: (nameVersions, distribution, architecture, user) =>
      takeAll(world, nameVersions, { distribution, architecture, user }),
    info: async (key) => (await store.read((db) => findPackage(db, key)))?.record ?? null,
    buildingFor: async (user, distribution, architecture) => {
      const filter = { distributions: [distribution], architecture, state: 'Building' } as const;
      const found = await store.read((db) => findPackages(db, filter));
      return found.map(({ record }) => record).filter(({ builder }) => builder !== null && owns(user, builder));
    },
    report: (report, intentId) => carryOut(world, report, intentId),
    close: () => store.close(),
  };
}

interface World {
  readonly store: Store;
  readonly home: string;
  readonly conf: WannaBuildConf;
  readonly clock: Clock;
  readonly realUser: string;
}

const needsBuild: (
  world: World,
  distribution: string,
  architecture: string,
) => ReturnType<WannaBuildClient['needsBuild']> = async ({ store, conf, clock }, distribution, architecture) => {
  const filter = { distributions: [distribution], architecture, state: 'Needs-Build' } as const;
  const found = await store.read((db) => findPackages(db, filter));
  const order = conf.list_order['needs-build'] ?? null;
  const query = { state: 'Needs-Build', user: null, minAge: null, maxAge: null, order, api: 1 } as const;
  const listed = listPackages(
    found.map(({ record }) => record),
    query,
    conf.priority,
    clock.now(),
  );
  return listed.map((one) => ({
    package: one.record.package,
    version: one.record.version,
    line: listLine(one, 'Needs-Build'),
  }));
};

interface Taker {
  readonly distribution: string;
  readonly architecture: string;
  readonly user: string;
}

const takeAll = async (world: World, nameVersions: readonly string[], taker: Taker): Promise<TakeReply[]> => {
  const { distribution, architecture, user } = taker;
  return world.store.write(async (db) => {
    const queue = await queueOf(db, world.conf, distribution, architecture);
    const replies: TakeReply[] = [];
    for (const nameVersion of nameVersions) {
      const parsed = parseNameVersion(nameVersion);
      if (parsed === null) {
        const reason = "can't extract package name and version (bad format)";
        replies.push({ status: 'not ok', package: nameVersion.slice(0, 200), reason });
        continue;
      }
      const key = { package: parsed.name, distribution, architecture };
      const context = contextOf(world, key, { user, queue, claim: null, intent: null });
      const outcome = await apply(db, { kind: 'take', version: parsed.version }, context);
      replies.push(replyOf(world.conf, distribution, parsed.name, outcome));
    }
    return replies;
  });
};

const replyOf = (conf: WannaBuildConf, distribution: string, name: string, outcome: Transition): TakeReply => {
  if (outcome.kind === 'refused') return { status: 'not ok', package: name, reason: outcome.reason };
  if (outcome.record === null) throw new Error('a take never removes a row');
  return takenReply(outcome.record, conf.distributions.find((entry) => entry.name === distribution) ?? null);
};

const contextOf = (
  world: World,
  key: TransitionContext['key'],
  rest: Pick<TransitionContext, 'user' | 'queue' | 'claim' | 'intent'>,
): TransitionContext => ({
  key,
  time: world.clock.now(),
  realUser: world.realUser,
  override: false,
  adjustments: {},
  ...rest,
});

const carryOut = async (world: World, report: StoreReport, intent: string): Promise<StoreAnswer> => {
  const { distribution, architecture } = report;
  const key = { package: report.package, distribution, architecture };
  const { answer, outcome } = await world.store.write(async (db: Connection) => {
    const earlier = await answerTo(db, intent, key);
    if (earlier !== null) return { answer: earlier, outcome: null };
    const queue = await queueOf(db, world.conf, distribution, architecture);
    const context = contextOf(world, key, { user: report.user, queue, claim: report.claim, intent });
    const made = await apply(db, eventOf(report), { ...context, adjustments: adjustmentsOf(report) });
    await recordAnswer(db, intent, key, answerOf(made), context.time);
    return { answer: answerOf(made), outcome: made };
  });
  if (outcome !== null && wakes([outcome])) wakeDaemon(world.home, world.clock.now());
  return answer;
};

const adjustmentsOf = ({ buildPriority }: StoreReport): Adjustments =>
  buildPriority === null ? {} : { buildpri: buildPriority === 0 ? null : buildPriority };

const eventOf = (report: StoreReport): TransitionEvent => {
  const { action, version } = report;
  switch (action) {
    case 'failed':
      return { kind: 'failed', version, reason: report.message ?? '' };
    case 'dep-wait':
      return { kind: 'dep-wait', version, list: report.message ?? '' };
    case 'built':
    case 'attempted':
    case 'uploaded':
    case 'give-back':
    case 'no-build':
    case 'take':
      return { kind: action, version };
    default:
      return assertNever(action);
  }
};

const answerOf = (outcome: Transition): StoreAnswer => {
  if (outcome.kind === 'refused') return { kind: 'refused', reason: outcome.lines[0] ?? outcome.reason };
  return { kind: 'done', claim: outcome.record?.claim ?? 0, notes: outcome.notes };
};
