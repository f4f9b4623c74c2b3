// Why a build probably failed: the rules, over the end of its log. Pure. It only ever guesses; it must never decide
// anything.
import type { LogSummary } from '../log-summary.ts';
import { depWaitAnswer } from './dep-wait.ts';
import type { Rank, Reason, Rule } from './reason.ts';
import { rules } from './rules.ts';

/** How many of a log's last lines are worth looking at. */
export const linesLookedAt = 2000;
const mostLinesShown = 5;
const order: Readonly<Record<Rank, number>> = { outside: 0, package: 1, general: 2 };

interface Found {
  readonly rule: Rule;
  readonly lines: readonly string[];
  /** Number of the last line that shows it. */
  readonly last: number;
}

/**
 * The likely reasons, the likeliest first; empty for a success and where no rule knows.
 * @param lines the last lines of the log, clean (see log-lines.ts).
 * @param summary the log's summary; null where it has none.
 */
export function reasonsOf(
  lines: readonly string[],
  summary: Pick<LogSummary, 'status' | 'failStage'> | null,
): Reason[] {
  if (summary?.status === 'successful') return [];
  const end = lines.slice(-linesLookedAt);
  const found = rules.flatMap((rule) => (applies(rule, summary) ? (search(rule, end) ?? []) : []));
  return found
    .toSorted((a, b) => order[a.rule.rank] - order[b.rule.rank] || (a.rule.rank === 'package' ? b.last - a.last : 0))
    .map(({ rule, lines: shown }) => ({
      id: rule.id,
      title: rule.title,
      lines: shown,
      proposal: proposalOf(rule, end, summary),
    }));
}

const applies = (rule: Rule, summary: Pick<LogSummary, 'failStage'> | null): boolean => {
  const stage = summary?.failStage ?? null;
  return rule.stages === null || stage === null || rule.stages.includes(stage);
};

const search = (rule: Rule, lines: readonly string[]): Found | null => {
  const shown = new Set<string>();
  let last = -1;
  lines.forEach((line, index) => {
    if (!rule.shows.some((pattern) => pattern.test(line))) return;
    last = index;
    if (shown.size < mostLinesShown) shown.add(line);
  });
  return last < 0 ? null : { rule, lines: [...shown], last };
};

const proposalOf = (
  rule: Rule,
  lines: readonly string[],
  summary: Pick<LogSummary, 'status'> | null,
): Reason['proposal'] => {
  switch (rule.proposes) {
    case null:
      return null;
    case 'retry':
      return { answer: 'retry' };
    case 'elsewhere':
      // Only what was attempted is still ours; everything else went back already.
      return { answer: summary?.status === 'attempted' ? 'giveback' : 'retry' };
    case 'dep-wait': {
      const answer = depWaitAnswer(lines);
      return answer === null ? null : { answer };
    }
  }
};
