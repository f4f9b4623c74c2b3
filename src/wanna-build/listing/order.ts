// The orders of `--list`: one letter a key, compared one after the other.
import { assertNever } from '../../platform/errors.ts';
import type { State } from '../states.ts';
import type { Listed } from './listed.ts';

export const orderLetters = ['C', 'W', 'P', 'p', 's', 'n', 'b', 'c', 'S', 'T'] as const;
type Letter = (typeof orderLetters)[number];
const isLetter = (text: string): text is Letter => (orderLetters as readonly string[]).includes(text);

const priorities = ['required', 'important', 'standard', 'optional', 'extra', 'source'];
// Which sections build daemons have always built first: what others need, then tools, then the rest.
const sections = [
  'libs',
  'debian-installer',
  'base',
  'devel',
  'kernel',
  'shells',
  'perl',
  'python',
  'graphics',
  'admin',
  'utils',
  'x11',
  'editors',
  'net',
  'httpd',
  'mail',
  'news',
  'tex',
  'text',
  'web',
  'doc',
  'interpreters',
  'java',
  'lisp',
  'gnome',
  'kde',
  'games',
  'misc',
];

const rankIn = (list: readonly string[], value: string | null): number => {
  const index = value === null ? -1 : list.indexOf(value);
  return index < 0 ? list.length : index;
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const urgent = (listed: Listed): number => (rankIn(priorities, listed.record.priority) < 3 ? 0 : 1);
const buildPriority = ({ record }: Listed): number => (record.buildpri ?? 0) + (record.permbuildpri ?? 0);
const secondsPerDay = 86_400;

const compareBy = (letter: Letter, a: Listed, b: Listed): number => {
  switch (letter) {
    case 'C':
      return b.calculatedPriority - a.calculatedPriority;
    case 'W':
      return b.days - a.days;
    case 'P':
      return buildPriority(b) - buildPriority(a);
    case 'p':
      return rankIn(priorities, a.record.priority) - rankIn(priorities, b.record.priority);
    case 's':
      return rankIn(sections, a.record.section) - rankIn(sections, b.record.section);
    case 'n':
      return byText(a.record.package, b.record.package);
    case 'b':
      return byText(a.record.builder ?? '', b.record.builder ?? '');
    case 'c':
      return Number(a.record.notes === null) - Number(b.record.notes === null);
    case 'S':
      return urgent(a) - urgent(b);
    case 'T':
      return (b.seconds % secondsPerDay) - (a.seconds % secondsPerDay);
    default:
      return assertNever(letter);
  }
};

/** The order of a state's list where none is configured or asked for. */
export function defaultOrder(state: State | 'all'): string {
  if (state === 'Needs-Build') return 'CWTn';
  return state === 'Building' ? 'bn' : 'PScpsn';
}

/** The first of the letters that is none; null when all are. */
export function unknownLetter(text: string): string | null {
  return Array.from(text).find((letter) => !isLetter(letter)) ?? null;
}

/** The comparison that order letters mean; of letters that are none, see unknownLetter, nothing. */
export function orderOf(text: string): (a: Listed, b: Listed) => number {
  const keys = Array.from(text).filter(isLetter);
  return (a, b) => {
    for (const key of keys) {
      const difference = compareBy(key, a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
