import { describe, expect, it } from 'vitest';
import { countResult, noProblems, type LocalProblems } from '../../src/daemon/local-problems.ts';

const results = (maxFails: number, ...all: Parameters<typeof countResult>[1][]): boolean[] => {
  let problems: LocalProblems = noProblems;
  return all.map((result) => {
    const { after, mess } = countResult(problems, result, maxFails);
    problems = after;
    return mess;
  });
};

describe('local problems', () => {
  it('are a mess when more than max_sbuild_fails come in a row', () => {
    expect(results(2, 'failed', 'failed', 'failed')).toEqual([false, false, true]);
  });

  it('are counted anew after any other result, and after the pause', () => {
    expect(results(1, 'failed', 'attempted', 'failed', 'failed', 'failed')).toEqual([false, false, false, true, false]);
  });
});
