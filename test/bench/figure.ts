// What was measured, and whether it is within its limit. Rounded only when it is shown, never before it is judged.
import { median, type Sample } from './measure.ts';

export interface Limit {
  /** above: milliseconds more than the baseline; ratio: times the baseline; total: seconds. */
  readonly kind: 'above' | 'ratio' | 'total';
  readonly atMost: number;
}

export interface Figure {
  readonly what: string;
  readonly pairs: number;
  /** Medians, in milliseconds. */
  readonly median: number;
  readonly against: string;
  readonly baseline: number;
  /** The median of what each pair differs by, in milliseconds, and of its ratio. */
  readonly above: number;
  readonly ratio: number;
  readonly limit: Limit | null;
  readonly isWithin: boolean;
}

export interface Step {
  readonly title: string;
  readonly seconds: number;
}

export interface Measured {
  readonly figures: readonly Figure[];
  readonly quickstart: { readonly steps: readonly Step[]; readonly seconds: number; readonly limit: Limit } | null;
}

/** Judges the pairs of one figure. */
export function figureOf(what: string, against: string, samples: readonly Sample[], limit: Limit | null): Figure {
  const above = median(samples.map(({ milliseconds, baseline }) => milliseconds - baseline));
  const ratio = median(samples.map(({ milliseconds, baseline }) => milliseconds / baseline));
  return {
    what,
    pairs: samples.length,
    median: median(samples.map(({ milliseconds }) => milliseconds)),
    against,
    baseline: median(samples.map(({ baseline }) => baseline)),
    above,
    ratio,
    limit,
    isWithin: limit === null || (limit.kind === 'above' ? above : ratio) <= limit.atMost,
  };
}

const limitText = ({ limit, isWithin }: Figure): string => {
  if (limit === null) return 'none';
  const words = limit.kind === 'above' ? `${limit.atMost} ms above` : `${limit.atMost} x`;
  return `${words}: ${isWithin ? 'ok' : 'MISSED'}`;
};

/** The table: a line each, columns padded. */
export function tableOf({ figures, quickstart }: Measured): string {
  const rows = [
    ['what (medians)', 'pairs', 'ms', 'against', 'ms', 'above', 'ratio', 'limit'],
    ...figures.map((one) => [
      one.what,
      String(one.pairs),
      one.median.toFixed(1),
      one.against,
      one.baseline.toFixed(1),
      one.above.toFixed(1),
      one.ratio.toFixed(2),
      limitText(one),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const isNumber = [false, true, true, false, true, true, true, false];
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        isNumber[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${[...lines, ...quickstartLines(quickstart)].join('\n')}\n`;
}

const quickstartLines = (quickstart: Measured['quickstart']): string[] =>
  quickstart === null
    ? []
    : [
        '',
        'quickstart, seconds',
        ...quickstart.steps.map(({ title, seconds }) => `${seconds.toFixed(1).padStart(6)}  ${title}`),
        `${quickstart.seconds.toFixed(1).padStart(6)}  in all (limit: ${quickstart.limit.atMost})`,
      ];

/** What was missed, a line each. */
export function missedIn({ figures, quickstart }: Measured): string[] {
  const missed = figures
    .filter(({ isWithin }) => !isWithin)
    .map(({ what, limit, above, ratio }) =>
      limit?.kind === 'above'
        ? `${what}: ${above.toFixed(1)} ms above, limit ${limit.atMost} ms`
        : `${what}: ${ratio.toFixed(2)} x, limit ${limit?.atMost ?? 0} x`,
    );
  if (quickstart !== null && quickstart.seconds > quickstart.limit.atMost)
    missed.push(`quickstart: ${quickstart.seconds.toFixed(1)} s, limit ${quickstart.limit.atMost} s`);
  return missed;
}
