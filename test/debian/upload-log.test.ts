import { describe, expect, it } from 'vitest';
import { formatUploadLog, isCompleteUploadLog, uploadLogName } from '../../src/debian/upload-log.ts';

const name = 'greet_1.0_amd64.changes';

describe('an .upload log', () => {
  it('is complete when its last line says so, whatever happened before', () => {
    expect(isCompleteUploadLog(formatUploadLog(['a.deb'], name, 'here', new Date(0)), name)).toBe(true);
    expect(isCompleteUploadLog(`u a.deb h Thu Jan  1\nu a.deb h Thu Jan  1\ns ${name} h Thu Jan  1\n`, name)).toBe(
      true,
    );
  });

  it.each([
    ['it is empty', ''],
    ['only files are in it', `u a.deb h Thu Jan  1\nu ${name} h Thu Jan  1\n`],
    ['its last line is cut short', `u a.deb h Thu Jan  1\ns ${name} h Thu`],
    ['it is about another .changes', `s other_1.0_amd64.changes h Thu Jan  1\n`],
    ['another upload began after it', `s ${name} h Thu Jan  1\nu a.deb other Thu Jan  1\n`],
  ])('is not complete when %s', (_why, text) => {
    expect(isCompleteUploadLog(text, name)).toBe(false);
  });

  it('has the name of the .changes with .upload', () => {
    expect(uploadLogName(name)).toBe('greet_1.0_amd64.upload');
  });

  it('never has a host of more than one word', () => {
    expect(formatUploadLog([], name, 'two words', new Date(0))).toContain(`s ${name} local Thu Jan  1 00:00:00 1970\n`);
  });
});
