// Reads the summary that sbuild and our own builders put at the end of a log. Pure; a log is hostile, so the last
// summary counts, and what is in it is checked before anybody believes it.
import { harmless } from '../platform/logger.ts';
import { isVersion } from '../debian/version.ts';

export interface LogSummary {
  /** `successful`, `attempted`, `given-back`, `failed`, `skipped`; null where there is none. */
  readonly status: string | null;
  /** `build`, `install-deps`, `fetch-src` …; null where none failed. */
  readonly failStage: string | null;
  readonly version: string | null;
  readonly sourceVersion: string | null;
  /** Seconds of the build proper. */
  readonly buildSeconds: number | null;
  /** Seconds of everything. */
  readonly packageSeconds: number | null;
  /** KiB. */
  readonly spaceKiB: number | null;
}

const title = /^\| Summary {1,80}\|$/;
const field = /^([A-Z][A-Za-z]{1,30}(?:[ -][A-Za-z]{1,30})?): (.{1,300})$/;
const mostFields = 60;

/** The summary in the last lines of a log; null where there is none (the builder was killed). */
export function summaryOf(lines: readonly string[]): LogSummary | null {
  const at = lines.findLastIndex((line) => title.test(line));
  if (at < 0) return null;
  const fields = new Map<string, string>();
  // After the title come the box's lower edge and an empty line.
  for (const line of lines.slice(at + 1, at + 3 + mostFields)) {
    if (line.startsWith('---')) break;
    const match = field.exec(line);
    if (match) fields.set((match[1] ?? '').toLowerCase().replace(' ', '-'), harmless(match[2] ?? ''));
  }
  if (fields.size === 0) return null;
  return {
    status: word(fields.get('status')),
    failStage: word(fields.get('fail-stage')),
    version: version(fields.get('version')),
    sourceVersion: version(fields.get('source-version')),
    buildSeconds: number(fields.get('build-time')),
    packageSeconds: number(fields.get('package-time')),
    spaceKiB: number(fields.get('space')),
  };
}

const word = (text: string | undefined): string | null =>
  text !== undefined && /^[A-Za-z][A-Za-z-]{0,60}$/.test(text) ? text : null;
const number = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
const version = (text: string | undefined): string | null => (text !== undefined && isVersion(text) ? text : null);
