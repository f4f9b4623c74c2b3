// The commands that change packages: one transaction for all of them, then one answer for each.
import { wakeDaemon } from '../home/wake.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { assertNever, UsageError } from '../platform/errors.ts';
import { isPackageName, parseNameVersion, type NameVersion } from '../debian/names.ts';
import { apply, queueOf, wakes } from '../wanna-build/apply.ts';
import type { Store } from '../wanna-build/store/store.ts';
import type { Transition, TransitionContext, TransitionEvent } from '../wanna-build/transition.ts';
import { printAnswers, type Answer } from './wanna-build-answer.ts';
import { messageFor } from './wanna-build-message.ts';
import { adjustmentsOf, oneDistribution, shown, wholeNumber, type Request } from './wanna-build-request.ts';

type ChangeCommand =
  | 'take'
  | 'built'
  | 'attempted'
  | 'uploaded'
  | 'failed'
  | 'dep-wait'
  | 'give-back'
  | 'no-build'
  | 'binNMU'
  | 'build-priority'
  | 'permanent-build-priority'
  | 'update'
  | 'forget';

const badFormat = "can't extract package name and version (bad format)";

/** Carries out a change for every operand. @returns the exit code */
export async function change(command: ChangeCommand, request: Request, open: () => Promise<Store>): Promise<number> {
  const { parsed } = request;
  if (parsed.operands.length === 0) throw new UsageError('No packages given; see wanna-build --help');
  oneDistribution(request);
  const message = await messageFor(command, parsed, request.streams);
  const makeEvent = eventMaker(command, request, message);
  const store = await open();
  try {
    const answers = await carryOut(store, command, makeEvent, request);
    await printAnswers(command, answers, request);
    const refused = answers.some(({ outcome }) => outcome.kind === 'refused');
    return refused && parsed.flags.has('strict') ? exitCode.refused : exitCode.ok;
  } finally {
    await store.close();
  }
}

/** Registers sources: the same way as every other change. */
export async function applyAll(
  store: Store,
  changes: readonly { readonly operand: string; readonly name: string; readonly event: TransitionEvent | null }[],
  request: Request,
): Promise<Answer[]> {
  const { parsed, conf, home, architecture, time } = request;
  const distribution = oneDistribution(request);
  const answers: Answer[] = [];
  const adjustments = adjustmentsOf(parsed);
  const claim = wholeNumber(parsed, 'claim');
  await simulating(parsed.flags.has('simulate'), () =>
    store.write(async (db) => {
      const queue = await queueOf(db, conf, distribution, architecture);
      for (const { operand, name, event } of changes) {
        const context: TransitionContext = {
          key: { package: name, distribution, architecture },
          time,
          queue,
          claim,
          adjustments,
          user: request.user,
          realUser: request.realUser,
          override: parsed.flags.has('override'),
          intent: null,
        };
        answers.push({ operand, name, outcome: event === null ? notNamed(operand) : await apply(db, event, context) });
      }
      if (parsed.flags.has('simulate')) throw new Undo();
    }),
  );
  if (!parsed.flags.has('simulate') && wakes(answers.map(({ outcome }) => outcome))) wakeDaemon(home, time);
  return answers;
}

// Leaves the transaction so that it is rolled back.
class Undo extends Error {}

const simulating = async (isSimulated: boolean, write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    if (!isSimulated || !(error instanceof Undo)) throw error;
  }
};

const notNamed = (operand: string): Transition => ({
  kind: 'refused',
  reason: badFormat,
  lines: [`${operand}: ${badFormat}`],
  notes: [],
});

// Of --forget the version is not looked at: its users give the bare name.
const namedBy = (raw: string, command: ChangeCommand): NameVersion | null =>
  parseNameVersion(raw) ?? (command === 'forget' && isPackageName(raw) ? { name: raw, version: '' } : null);

const carryOut = (
  store: Store,
  command: ChangeCommand,
  makeEvent: (version: string) => TransitionEvent,
  request: Request,
): Promise<Answer[]> => {
  const changes = request.parsed.operands.map((raw) => {
    const operand = shown(raw);
    const named = namedBy(raw, command);
    return { operand, name: named?.name ?? operand, event: named === null ? null : makeEvent(named.version) };
  });
  return applyAll(store, changes, request);
};

const eventMaker = (
  command: ChangeCommand,
  { parsed }: Request,
  message: string | null,
): ((version: string) => TransitionEvent) => {
  switch (command) {
    case 'failed':
      return (version) => ({ kind: 'failed', version, reason: message ?? '' });
    case 'dep-wait':
      return (version) => ({ kind: 'dep-wait', version, list: message ?? '' });
    case 'binNMU': {
      const number = wholeNumber(parsed, 'binNMU') ?? 0;
      if (number < 0) throw new UsageError('--binNMU: expected 0 or more');
      return (version) => ({ kind: 'binNMU', version, number, changelog: message });
    }
    case 'build-priority':
    case 'permanent-build-priority':
      return (version) => ({ kind: 'adjust', version });
    case 'take':
    case 'built':
    case 'attempted':
    case 'uploaded':
    case 'give-back':
    case 'no-build':
    case 'update':
    case 'forget':
      return (version) => ({ kind: command, version });
    default:
      return assertNever(command);
  }
};
