// YAML that every reader understands the same, the small one of Debian's build daemons too.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlDocument, yamlList } from '../../src/wanna-build/yaml.ts';

describe('a list of replies', () => {
  it.each([
    '2048',
    '1e3',
    '0x10',
    '1.5',
    'no',
    'yes',
    'on',
    'null',
    'true',
    'x y',
    'a: b',
    '"q"',
    "it's",
    '- x',
    '#',
    '',
  ])('has the quoted key %j at the beginning of a line', (key) => {
    const text = yamlList([[key, [{ status: 'ok' }]]]);
    expect(text).toBe(`-\n  ${JSON.stringify(key)}:\n    - status: ok\n`);
    expect(parse(text)).toEqual([{ [key]: [{ status: 'ok' }] }]);
    expect(parse(text, { version: '1.1' })).toEqual([{ [key]: [{ status: 'ok' }] }]);
  });

  it.each(['jq', 'libc++1.0-dev', 'a..b', '0ad', '3depict'])('has the plain key %s after its dash', (key) => {
    expect(yamlList([[key, [{ status: 'ok' }]]])).toBe(`- ${key}:\n    - status: ok\n`);
  });

  it('quotes versions that look like numbers', () => {
    expect(yamlList([['jq', [{ 'pkg-ver': '2048_1.0' }]]])).toBe('- jq:\n    - pkg-ver: "2048_1.0"\n');
  });

  it.each([
    'one\ntwo\n\nfour: [',
    'one\n# two',
    'one\n   #two\n    \n\tthree',
    '  indented\nsecond',
    '\nsecond',
    '\tindented',
    '-: "x"\n\\n \u00fc',
    'x'.repeat(5000),
    `${'x '.repeat(500)}\n# y`,
  ])('says %j in every version of YAML', (reason) => {
    const text = yamlList([['jq', [{ status: 'not ok' }, { reason }]]]);
    for (const version of ['1.1', '1.2'] as const)
      expect(parse(text, { version })).toEqual([{ jq: [{ status: 'not ok' }, { reason }] }]);
    expect(text).not.toMatch(/^ *#/m);
    expect(text).not.toMatch(/[|>][0-9]/);
  });

  it('leaves what is only configured readable', () => {
    expect(yamlDocument({ sid: ['amd64', 'all'] })).toBe('sid:\n  - amd64\n  - all\n');
  });
});
