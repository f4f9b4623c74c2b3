// `--format`: a line of the user's own making. `%p` is a value, `%{text}p` the text only where the value is set,
// `%{!text}p` only where it is not; what is no letter stands as it is.
import { hoursMinutesSeconds } from '../../platform/clock.ts';
import { binaryVersion } from '../../debian/version.ts';
import type { Listed } from './listed.ts';

/** Fills in a format for one package; `position` counts from 1. */
export function formatListed(format: string, listed: Listed, position: number): string {
  return format.replace(/%(?:\{([^}]*)\})?([A-Za-z%])/g, (whole, condition: string | undefined, letter: string) => {
    if (letter === '%') return '%';
    const value = valueOf(letter, listed, position);
    if (value === null) return whole;
    if (condition === undefined) return value;
    const isSet = value !== '' && value !== '0';
    const negated = condition.startsWith('!');
    // The text may name values itself: one level, as no brace can stand in it.
    const text = negated ? condition.slice(1) : condition;
    return isSet === negated ? '' : formatListed(text, listed, position);
  });
}

const seconds = (value: number | null): string => (value === null ? '' : String(value));
const hours = (value: number | null): string => (value === null ? '' : hoursMinutesSeconds(value));

const valueOf = (letter: string, listed: Listed, position: number): string | null => {
  const { record } = listed;
  const time = record.state_change;
  const successful = record.last_successful_build_time;
  const last = record.last_build_time;
  const expected = successful ?? last;
  const values: Readonly<Record<string, string>> = {
    p: record.package,
    v: record.version,
    V: binaryVersion(record.version, record.binary_nmu_version ?? 0),
    a: record.architecture,
    d: record.distribution,
    S: record.state,
    P: record.previous_state ?? '',
    u: record.builder ?? '',
    c: record.section ?? '',
    X: listed.bracket,
    E: record.state === 'Needs-Build' ? String(position) : (record.depends ?? ''),
    D: record.bd_problem ?? '',
    F: record.failed ?? '',
    s: String(Math.floor(time.getTime() / 1000)),
    t: time.toISOString().slice(0, 19).replace('T', ' '),
    T: `${listed.days}d ${hoursMinutesSeconds(listed.seconds % 86_400)}`,
    o: seconds(successful),
    O: hours(successful),
    q: seconds(last),
    Q: hours(last),
    r: seconds(expected),
    R: hours(expected),
    B: seconds(record.binary_nmu_version),
    n: '\n',
  };
  return Object.hasOwn(values, letter) ? (values[letter] ?? '') : null;
};
