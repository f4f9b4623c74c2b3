// The head of a log mail: at most 20 lines of 78 columns from which a tired admin knows what happened and what to
// answer. Pure. It must never be longer, whatever a log holds.
import { hoursMinutesSeconds, rfc3339 } from '../../platform/clock.ts';
import { binaryVersion } from '../../debian/version.ts';
import type { Build, BuildEnd } from '../../home/builds.ts';
import type { LogStatus } from './answers.ts';
import { shortLine, width, wrapHard, wrapList, wrapWords } from './lines.ts';

/** Why a build probably failed; what builder/reasons finds. */
export interface LikelyReason {
  readonly title: string;
  /** The lines of the log that show it. */
  readonly lines: readonly string[];
  /** The answer that fits, ready to copy (`dep-wait libfoo-dev (>= 1.2)`); null where none does. */
  readonly proposal: { readonly answer: string } | null;
}

export type EndedBuild = Build & { readonly end: BuildEnd };

const longestHead = 20;
const longestAnswer = 3;
const longestRemark = 6;
const labelWidth = 12;
const indent = '    ';

/** The word of the subject: a build that we ended ourselves counts as failed. */
export function statusOf(end: BuildEnd): LogStatus {
  return end.result === 'aborted' ? 'failed' : end.result;
}

/** The version that the mail speaks of: that of the binaries. */
export function shownVersion(build: Pick<Build, 'version' | 'binNmu'>): string {
  return binaryVersion(build.version, build.binNmu?.number ?? 0);
}

/** Seconds from the start of a build to its end. */
export function durationOf(build: EndedBuild): number {
  return Math.max(0, Math.round((build.end.finished.getTime() - build.started.getTime()) / 1000));
}

const meaning: Readonly<Record<BuildEnd['result'], string>> = {
  successful: 'successful',
  attempted: "attempted: it does not build (the package's fault)",
  'given-back': "given back: nobody's fault, it can be built again later",
  failed: 'failed: a local problem; given back',
  aborted: 'stopped by us; it is built again',
};

/** `fail` with the likely reason, in one line. */
export function failAnswer(reason: LikelyReason): string {
  const [line] = reason.lines;
  return shortLine(line === undefined ? `fail ${reason.title}` : `fail ${reason.title}: ${line.trim()}`, 300);
}

/** The answer that the mail suggests, on one line; null where only a person can tell. */
export function suggestedAnswer(status: LogStatus, reasons: readonly LikelyReason[]): string | null {
  const [likely] = reasons;
  if (likely === undefined || status === 'successful') return null;
  const proposed = likely.proposal?.answer;
  if (status === 'attempted') return proposed ?? failAnswer(likely);
  // What did not fail by its own fault was given back at once: only what changes that is worth an answer.
  return proposed === undefined || proposed === 'giveback' || proposed === 'retry' ? null : proposed;
}

const line = (label: string, text: string): string => shortLine(`${label.padEnd(labelWidth)}${text}`, width);

const facts = (build: EndedBuild, previous: Build | null): string[] => {
  const { end } = build;
  const disk = end.diskUsed === null ? '' : `, ${end.diskUsed.toLocaleString('en-US')} KiB of disk used`;
  return [
    line('Result:', meaning[end.result]),
    ...(end.failStage === null ? [] : [line('Stage:', end.failStage)]),
    ...(end.remark === null ? [] : remarkLines(end.remark)),
    line('Duration:', `${hoursMinutesSeconds(durationOf(build))}${disk}`),
    line('Finished:', `${rfc3339(end.finished)}, build ${build.number} by ${build.builderUser}`),
    line('Previous:', previousResult(previous)),
  ];
};

// It names what is wrong and what to do, so it is wrapped, not cut; the head stays short all the same.
const remarkLines = (remark: string): string[] => {
  const columns = width - labelWidth;
  const lines = wrapHard(shortLine(remark, longestRemark * columns), columns);
  const shown = lines.length > longestRemark ? [...lines.slice(0, longestRemark - 1), '...'] : lines;
  return shown.map((text, at) => `${(at === 0 ? 'Remark:' : '').padEnd(labelWidth)}${text}`);
};

const previousResult = (previous: Build | null): string => {
  if (!previous?.end) return 'none here';
  const took = hoursMinutesSeconds(durationOf({ ...previous, end: previous.end }));
  return `${previous.end.result} (${shownVersion(previous)}, ${rfc3339(previous.end.finished).slice(0, 10)}, ${took})`;
};

const reasonLines = (build: EndedBuild, reasons: readonly LikelyReason[], room: number): string[] => {
  const [likely] = reasons;
  if (likely === undefined && build.end.logFile === null) return ['', 'There is no log to find a reason in.'];
  if (likely === undefined) return ['', 'No likely reason was found in the log; see its end.'];
  const shown = likely.lines
    .flatMap((text) => wrapWords(shortLine(text, 2 * width), width - indent.length))
    .slice(0, Math.max(0, room));
  return ['', shortLine(`Likely reason: ${likely.title}`, width), ...shown.map((text) => `${indent}${text}`)];
};

const answerPart = (answer: string | null, result: BuildEnd['result']): string[] => {
  if (answer === null && result === 'attempted') return [];
  if (answer === null)
    return ['', result === 'aborted' ? 'It needs no answer.' : 'It was given back already; it needs no answer.'];
  const wrapped = answer.length + indent.length <= width ? [answer] : wrapAnswer(answer);
  // An answer that is cut could not be copied: the link below has it whole.
  const cut = wrapped.length > longestAnswer || wrapped.some((text) => text.endsWith('...')) || isAmbiguous(wrapped);
  const shown = cut ? ['(long: take the first link below)'] : wrapped;
  return ['', 'Suggested answer:', ...shown.map((text) => `${indent}${text}`)];
};

// Copied into an answer, a line that begins or ends like this is taken for somebody else's: a quote, a signature, an
// attribution, the head of an unquoted original.
const isAmbiguous = ([first = '', ...rest]: readonly string[]): boolean =>
  rest.some((text) => !/^[A-Za-z0-9]/.test(text) || /^[A-Za-z]{1,12}> /.test(text) || text.endsWith(':')) ||
  (rest.length > 0 && [first, ...rest].some((text) => text.includes('@') && /20\d\d/.test(text)));

// The list of dep-wait may go on over lines, the reason of fail too.
const wrapAnswer = (answer: string): string[] =>
  answer.startsWith('dep-wait ')
    ? ['dep-wait', ...wrapList(answer.slice('dep-wait '.length), width - indent.length)]
    : wrapWords(answer, width - indent.length);

export interface HeadFacts {
  readonly build: EndedBuild;
  readonly previous: Build | null;
  /** The most specific first; empty for a success. */
  readonly reasons: readonly LikelyReason[];
}

/** The lines of the head. */
export function headLines({ build, previous, reasons }: HeadFacts): string[] {
  const status = statusOf(build.end);
  const title = `${build.package} ${shownVersion(build)} on ${build.architecture} (dist=${build.distribution})`;
  const top = [shortLine(title, width), '', ...facts(build, previous)];
  if (status === 'successful') return top;
  const answer = answerPart(suggestedAnswer(status, reasons), build.end.result);
  const reason = reasonLines(build, reasons, longestHead - top.length - answer.length - 2);
  return [...top, ...reason, ...answer].slice(0, longestHead);
}
