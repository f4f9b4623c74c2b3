// What a command that changes packages answers: replies to takes, reports, and what a simulation would have done.
import { rfc3339 } from '../platform/clock.ts';
import { takeDocument, takeLines, takenReply, type TakeAnswer } from '../wanna-build/take-reply.ts';
import { movement } from '../wanna-build/movement.ts';
import type { TransactionRow } from '../wanna-build/record.ts';
import type { Transition } from '../wanna-build/transition.ts';
import { oneDistribution, type Request } from './wanna-build-request.ts';

/** What came of one operand. */
export interface Answer {
  readonly operand: string;
  readonly name: string;
  readonly outcome: Transition;
}

/** Prints what came of a command: of a take for the taker's program, else for people. */
export async function printAnswers(command: string, answers: readonly Answer[], request: Request): Promise<void> {
  if (request.parsed.flags.has('simulate')) {
    request.streams.out(answers.map(simulatedLines).join(''));
  } else if (command === 'take') await printTake(answers, request);
  else printReports(answers, request);
}

/** What a simulated change would have written to the transaction log. */
function simulatedLines({ outcome }: Answer): string {
  if (outcome.kind === 'refused') return outcome.lines.map((line) => `${line}\n`).join('');
  if (outcome.kind === 'unchanged') return `${outcome.reply}\n`;
  return simulatedLine(outcome.transaction);
}

/** A row of the transaction log that was not written. */
export function simulatedLine(row: TransactionRow): string {
  const by = row.builder === null ? '' : ` by ${row.builder}`;
  const where = `${row.package}_${row.version} (${row.architecture}, ${row.distribution})`;
  return `${rfc3339(row.time)} ${where}: would ${row.action}: ${movement(row)}${by}, as ${row.real_user}\n`;
}

const printTake = async (answers: readonly Answer[], request: Request): Promise<void> => {
  const { parsed, streams, api, conf, architecture } = request;
  const distribution = oneDistribution(request);
  const configured = conf.distributions.find((entry) => entry.name === distribution) ?? null;
  const takes = answers.map(({ name, outcome }): TakeAnswer => {
    const key = { package: name, distribution, architecture };
    if (outcome.kind === 'refused' || outcome.record === null) {
      const reason = outcome.kind === 'refused' ? outcome.reason : '';
      return { key, reply: { status: 'not ok', package: name, reason }, notes: outcome.notes };
    }
    return { key, reply: takenReply(outcome.record, configured), notes: outcome.notes };
  });
  if (parsed.flags.has('json'))
    streams.out(
      `${JSON.stringify(
        takes.map(({ key, reply }) => ({ ...key, ...reply })),
        null,
        2,
      )}\n`,
    );
  else if (api >= 1) streams.out(await takeDocument(takes));
  else {
    const isVerbose = parsed.flags.has('verbose');
    const lines = takes.map(takeLines).flatMap(({ always, verbose }) => [...always, ...(isVerbose ? verbose : [])]);
    streams.out(lines.map((line) => `${line}\n`).join(''));
  }
};

/** Notes, then refusals or (with `--verbose`) what was done. */
function printReports(answers: readonly Answer[], { parsed, streams, api }: Request): void {
  const isVerbose = parsed.flags.has('verbose');
  const note = (line: string): string => (api >= 1 ? `# ${line}` : line);
  for (const { outcome } of answers) {
    const remarks = outcome.kind === 'changed' && isVerbose ? outcome.remarks : [];
    const lines = [...outcome.notes, ...remarks].map(note);
    if (outcome.kind === 'refused') lines.push(...outcome.lines);
    else if (isVerbose) lines.push(outcome.reply);
    streams.out(lines.map((line) => `${line}\n`).join(''));
  }
}
