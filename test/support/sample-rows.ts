// The rows that the existing server must have had when it printed a list or an `--info`, read back from the print.
import type { PackageRecord } from '../../src/wanna-build/record.ts';
import { parseState, type State } from '../../src/wanna-build/states.ts';
import { row } from './store-world.ts';

const stateNamed = (text: string | undefined): State => {
  const state = parseState(text ?? '');
  if (state === null) throw new Error(`the sample has no such state: ${text ?? ''}`);
  return state;
};

/** Rows of a printed list; `asked` is the state it lists. */
export function rowsOfList(output: string, asked: string): PackageRecord[] {
  const rows: PackageRecord[] = [];
  for (const line of output.split('\n')) {
    const listed = rowOfLine(line, asked);
    const last = rows.at(-1);
    if (listed !== null) rows.push(listed);
    else if (last !== undefined) rows[rows.length - 1] = withReason(last, line);
  }
  return rows;
}

const rowOfLine = (line: string, asked: string): PackageRecord | null => {
  const match = /^(\S+)\/(\S+)_(\S+?)(?:: (\S+))?(?: by (\S+))? \[(.*)\]$/.exec(line);
  if (match === null) return null;
  const [, section = '', name = '', version = '', state, builder, bracket = ''] = match;
  const [priority = '', notes = ''] = bracket.split(':');
  const buildpri = /bp\{(\d+)\}/.exec(bracket)?.[1];
  return row(name, {
    section,
    version,
    priority,
    notes: notes === '' ? null : notes,
    state: stateNamed(state ?? asked),
    builder: builder ?? null,
    previous_state: bracket.includes(':PREV-FAILED') ? 'Failed' : null,
    buildpri: buildpri === undefined ? null : Number(buildpri),
  });
};

const withReason = (last: PackageRecord, line: string): PackageRecord => {
  const depends = /^ {2}Dependencies: (.*)$/.exec(line)?.[1];
  if (depends !== undefined) return { ...last, depends };
  if (/^(?:Total|\.\.\.|--)/.test(line) || line === '' || line.startsWith('  Reasons')) return last;
  const add = (text: string | null): string => (text === null ? '' : `${text}\n`) + line.replace(/^ {4}/, '');
  if (last.state === 'Failed') return { ...last, failed: add(last.failed) };
  return { ...last, bd_problem: add(last.bd_problem) };
};

/** The row of a printed `--info`. */
export function rowOfInfo(output: string): PackageRecord {
  const fields = new Map<string, string>();
  let key = '';
  for (const line of output.split('\n').slice(1)) {
    const match = /^ {2}([A-Za-z-]+) *: (.*)$/.exec(line);
    if (match !== null) fields.set((key = match[1] ?? ''), match[2] ?? '');
    else if (line !== '') fields.set(key, `${fields.get(key) ?? ''}\n${line.slice(4)}`);
  }
  const text = (name: string): string | null => fields.get(name) ?? null;
  const previous = text('Previous-State') ?? '';
  return row(text('Package') ?? '', {
    version: text('Version') ?? '',
    builder: text('Builder'),
    state: stateNamed(fields.get('State')),
    section: text('Section'),
    priority: text('Priority'),
    installed_version: text('Installed-Version'),
    previous_state: previous === '' ? null : stateNamed(previous),
    bd_problem: text('BD-Problem'),
    depends: text('Depends'),
    failed: text('Failed'),
    notes: text('Notes'),
  });
}
