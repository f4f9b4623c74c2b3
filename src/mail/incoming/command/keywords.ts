// The words that an answer may begin with, as data: what the old buildd-mail took, and nothing that only looks like it.
import type { Action } from '../understood.ts';

export type Arguments = 'none' | 'reason' | 'optional-reason' | 'dependencies' | 'priority' | 'version';

export interface Keyword {
  readonly action: Action;
  readonly takes: Arguments;
  readonly words: readonly string[];
}

const help: Keyword = { action: 'help', takes: 'none', words: ['help', '?'] };
const giveBack = ['giveback', 'give-back', 'give', 'back', 'given-back'];
const fail = ['fail', 'failed', 'failure'];

/** Answers to a log mail. */
export const logKeywords: readonly Keyword[] = [
  { action: 'retry', takes: 'none', words: ['retry', 'ret', 'retr'] },
  { action: 'fail', takes: 'reason', words: fail },
  {
    action: 'dep-wait',
    takes: 'dependencies',
    words: [
      'dep-wait',
      'dep-w',
      'd-w',
      'd-wait',
      'dep-ret',
      'dep-retry',
      'd-ret',
      'd-retry',
      'dependency-wait',
      'dependency-ret',
      'dependency-retry',
    ],
  },
  { action: 'give-back', takes: 'priority', words: giveBack },
  { action: 'manual', takes: 'none', words: ['manual', 'man'] },
  { action: 'newvers', takes: 'version', words: ['newvers', 'newv', 'newver', 'newversion'] },
  { action: 'not-for-us', takes: 'none', words: ['not-for-us'] },
  {
    action: 'upload-rem',
    takes: 'none',
    words: ['upload-rem', 'upload-remove', 'up-rem', 'up-remove', 'upl-rem', 'upl-remove'],
  },
  { action: 'purge', takes: 'none', words: ['purge'] },
  { action: 'undo', takes: 'none', words: ['undo'] },
  { action: 'status', takes: 'none', words: ['status'] },
  help,
];

/** Answers to "Should I build". `fail` keeps the old reasons; one given here is passed on. */
export const shouldBuildKeywords: readonly Keyword[] = [
  { action: 'build', takes: 'none', words: ['build', 'ok'] },
  { action: 'fail', takes: 'optional-reason', words: fail },
  { action: 'no-build', takes: 'none', words: ['no-build', 'no-b', 'not-for-us'] },
  { action: 'give-back', takes: 'priority', words: giveBack },
  { action: 'status', takes: 'none', words: ['status'] },
  help,
];

/** The keyword of this word (lower case); null if there is none. */
export function keywordOf(keywords: readonly Keyword[], word: string): Keyword | null {
  return keywords.find((keyword) => keyword.words.includes(word)) ?? null;
}
