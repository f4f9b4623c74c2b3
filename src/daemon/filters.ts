// Which packages this daemon leaves to others, and which it takes only when it would be idle. Pure.
import type { BuilddConf, DistributionConf } from '../config/buildd-conf.ts';
import { matches } from '../config/regular-expression.ts';

export interface Filters {
  readonly noAutoBuild: ReadonlySet<string>;
  readonly weakNoAutoBuild: ReadonlySet<string>;
  readonly buildRegex: RegExp | null;
  readonly noBuildRegex: RegExp | null;
}

/** The filters of a distribution: its own lists and expressions, and the general ones. */
export function filtersOf(
  conf: Pick<BuilddConf, 'no_auto_build' | 'weak_no_auto_build' | 'build_regex' | 'no_build_regex'>,
  distribution: DistributionConf,
): Filters {
  return {
    noAutoBuild: new Set([...(conf.no_auto_build ?? []), ...(distribution.no_auto_build ?? [])]),
    weakNoAutoBuild: new Set([...(conf.weak_no_auto_build ?? []), ...(distribution.weak_no_auto_build ?? [])]),
    buildRegex: distribution.build_regex ?? conf.build_regex ?? null,
    noBuildRegex: distribution.no_build_regex ?? conf.no_build_regex ?? null,
  };
}

/**
 * `take`, `weak` (only when nothing else is there), or `never`. `line` is the listing's, `SECTION/NAME_VERSION […]`; the
 * expressions see the part before the bracket.
 */
export function eligibility(filters: Filters, name: string, line: string): 'take' | 'weak' | 'never' {
  if (filters.noAutoBuild.has(name)) return 'never';
  const [listed = ''] = line.split(' ');
  if (filters.buildRegex !== null && !matches(filters.buildRegex, listed)) return 'never';
  if (filters.noBuildRegex !== null && matches(filters.noBuildRegex, listed)) return 'never';
  return filters.weakNoAutoBuild.has(name) ? 'weak' : 'take';
}
