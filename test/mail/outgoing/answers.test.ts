import { describe, expect, it } from 'vitest';
import {
  answerLines,
  answersFor,
  helpText,
  logAnswers,
  possibleAnswers,
  shouldBuildAnswers,
} from '../../../src/mail/outgoing/answers.ts';
import { mailtoLink } from '../../../src/mail/outgoing/mailto.ts';

const forms = (answers: readonly { form: string }[]): string[] => answers.map((answer) => answer.form);

describe('the answers that are offered', () => {
  it('make sense for how the build ended', () => {
    expect(forms(answersFor('successful'))[0]).toBe('signed .changes');
    for (const status of ['attempted', 'given-back', 'failed'] as const) {
      expect(forms(answersFor(status))).not.toContain('signed .changes');
      expect(forms(answersFor(status))).toContain('dep-wait LIST');
    }
    expect(forms(answersFor('given-back'))).not.toContain('giveback [PRIO]');
  });

  it('are told from the subject of a reply', () => {
    expect(possibleAnswers('Re: Log for attempted build of greet_1.0 on amd64 (dist=sid)')).toEqual(
      answersFor('attempted'),
    );
    expect(possibleAnswers('AW: Log for strange build of greet_1.0 (dist=sid)')).toEqual(logAnswers);
    expect(possibleAnswers('Re: Should I build greet_1.0 (dist=sid)?')).toEqual(shouldBuildAnswers);
    expect(possibleAnswers('lunch?')).toEqual([]);
  });

  it('fit into 78 columns, each with what it does', () => {
    for (const line of [...answerLines(logAnswers), ...answerLines(shouldBuildAnswers), ...helpText().split('\n')]) {
      expect(line.length).toBeLessThanOrEqual(78);
    }
    for (const { form } of [...logAnswers, ...shouldBuildAnswers])
      expect(helpText()).toMatch(new RegExp(`^ {2}${form.replace(/[[\].]/g, '\\$&')} +\\S`, 'm'));
  });
});

describe('a mailto link', () => {
  it('gives a mail program address, subject and body back as they were', () => {
    const link = mailtoLink(
      'buildd+abc@example.org',
      'Re: Log for failed build of g++_1.0+b1 on amd64 (dist=sid)',
      'dep-wait a (>= 1:2~3+4), b\n',
    );
    expect(link).toMatch(/^mailto:buildd%2Babc@example\.org\?subject=[A-Za-z0-9%._~-]+&body=[A-Za-z0-9%._~-]+$/);
    const url = new URL(link);
    expect(decodeURIComponent(url.pathname)).toBe('buildd+abc@example.org');
    expect(url.searchParams.get('subject')).toBe('Re: Log for failed build of g++_1.0+b1 on amd64 (dist=sid)');
    expect(url.searchParams.get('body')).toBe('dep-wait a (>= 1:2~3+4), b\r\n');
  });

  it('cannot be broken out of by what a log holds', () => {
    const link = mailtoLink('a@example.org', 's', `fail x&cc=victim@example.org><a href="y">\ud800'(`);
    expect(link).toMatch(/^mailto:a@example\.org\?subject=s&body=[A-Za-z0-9%._~-]+$/);
    expect([...new URL(link).searchParams.keys()]).toEqual(['subject', 'body']);
  });
});
