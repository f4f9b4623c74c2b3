import { describe, expect, it } from 'vitest';
import { builderFor } from '../../src/builder/select.ts';
import { buildWorld } from '../support/build-world.ts';

const conf = (builder: Parameters<typeof builderFor>[0]['builder']) =>
  builderFor({ builder, sbuild_args: [], build_user: undefined });
const plain = { command: undefined, bubblewrap: true, network: false };

const withPath = async <T>(path: string, body: () => Promise<T>): Promise<T> => {
  const before = process.env['PATH'];
  process.env['PATH'] = path;
  try {
    return await body();
  } finally {
    process.env['PATH'] = before;
  }
};

describe('the builder of a configuration', () => {
  it.each(['sbuild', 'dpkg'] as const)('is the one that it names: %s', (use) => {
    expect(conf({ ...plain, use }).name).toBe(use);
  });

  it('is the command that it gives', () => {
    expect(conf({ ...plain, use: 'command', command: { build: ['true'] } }).name).toBe('command');
  });

  it('is refused in one line when the command is missing', () => {
    expect(() => conf({ ...plain, use: 'command', command: { build: [] } })).toThrow(
      'buildd.conf: builder.command.build: expected the program to run',
    );
  });

  it.each([
    ['sbuild', /^sbuild is not installed: apt-get install sbuild schroot, or set builder = "dpkg"$/],
    ['dpkg', /^dpkg-source is not installed, the dpkg builder needs it: apt-get install dpkg-dev build-essential$/],
  ] as const)('says in one line what to install when %s is not there', async (use, line) => {
    const world = buildWorld();
    world.remove();
    await withPath('/nowhere', async () => {
      expect(await conf({ ...plain, use }).unusable(world.job())).toMatch(line);
    });
  });
});
