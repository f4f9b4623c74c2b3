// How a log of ours looks: sbuild's banner, boxes and summary, so that one reader serves the logs of all builders.
// Pure; must never put text from outside into a line without making it harmless first.
import { rfc3339, hoursMinutesSeconds } from '../platform/clock.ts';
import { harmless } from '../platform/logger.ts';
import { binaryVersion } from '../debian/version.ts';
import type { BuildJob } from './job.ts';
import type { Result } from './outcome.ts';

const inner = 76;
const heavy = `+${'='.repeat(inner + 2)}+`;
const light = `+${'-'.repeat(inner + 2)}+`;
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** A date as mails and changelogs have it (RFC 5322 §3.3), UTC. */
export function rfc5322Date(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${days[date.getUTCDay()] ?? ''}, ${two(date.getUTCDate())} ${months[date.getUTCMonth()] ?? ''}`;
  return `${day} ${date.getUTCFullYear()} ${rfc3339(date).slice(11, 19)} +0000`;
}

/** What is built, in sbuild's words: `any` for an architecture, `all` for the independent packages. */
function buildType(job: Pick<BuildJob, 'architecture'>): string {
  return job.architecture === 'all' ? 'all' : 'any';
}

/** The version that the binaries get. */
export function builtVersion(job: Pick<BuildJob, 'version' | 'binNmu'>): string {
  return binaryVersion(job.version, job.binNmu?.number ?? 0);
}

/** The first lines of a log: who builds, what, when. */
export function banner(job: BuildJob, builder: string, hostname: string, started: Date): string {
  const left = `${job.package} ${builtVersion(job)} (${job.architecture}) `;
  return [
    `mailbuildd (${builder} builder) on ${harmless(hostname)}`,
    '',
    heavy,
    `| ${(left + rfc5322Date(started).padStart(inner - left.length)).padEnd(inner)} |`,
    heavy,
    '',
    `Package: ${job.package}`,
    `Version: ${builtVersion(job)}`,
    `Source Version: ${job.version}`,
    `Distribution: ${job.distribution}`,
    `Host Architecture: ${job.architecture}`,
    `Build Architecture: ${job.architecture}`,
    `Build Type: ${buildType(job)}`,
    '',
    '',
  ].join('\n');
}

/** The box that opens a section. */
export function section(title: string): string {
  return `\n${light}\n| ${title.padEnd(inner)} |\n${light}\n\n`;
}

interface Ending {
  readonly result: Result;
  readonly failStage: string | null;
  readonly started: Date;
  readonly finished: Date;
  /** Seconds of the build proper. */
  readonly buildSeconds: number;
  /** KiB; null where it is not known. */
  readonly diskUsed: number | null;
}

/** The Summary box with sbuild's keys in sbuild's order, and the two lines after it. */
export function summary(job: BuildJob, ending: Ending): string {
  const seconds = Math.round((ending.finished.getTime() - ending.started.getTime()) / 1000);
  const space = ending.diskUsed === null ? 'n/a' : String(ending.diskUsed);
  const stage = ending.failStage === null ? [] : [`Fail-Stage: ${ending.failStage}`];
  return [
    section('Summary').slice(0, -1),
    `Build-Architecture: ${job.architecture}`,
    `Build-Space: ${space}`,
    `Build-Time: ${Math.round(ending.buildSeconds)}`,
    `Build-Type: ${buildType(job)}`,
    `Distribution: ${job.distribution}`,
    ...stage,
    `Host-Architecture: ${job.architecture}`,
    `Job: ${job.package}_${job.version}`,
    `Package: ${job.package}`,
    `Package-Time: ${seconds}`,
    `Source-Version: ${job.version}`,
    `Space: ${space}`,
    `Status: ${ending.result}`,
    `Version: ${builtVersion(job)}`,
    '-'.repeat(80),
    `Finished at ${rfc3339(ending.finished)}`,
    `Build needed ${hoursMinutesSeconds(seconds).padStart(8, '0')}, ${ending.diskUsed === null ? 'no' : `${ending.diskUsed}k`} disk space`,
    '',
  ].join('\n');
}
