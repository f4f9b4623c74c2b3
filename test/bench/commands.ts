// What each command costs above starting node: whole processes, through the launchers in bin/.
import { figureOf, type Figure, type Limit } from './figure.ts';
import { fillStore, makeHome, packageName, suite, type Home } from './home.ts';
import { inPairs, timed, type Call } from './measure.ts';

const pairs = 25;
const empty = 'node -e 0';

const emptyNode = async (): Promise<number> => (await timed({ program: 'node', args: ['-e', '0'] })).milliseconds;

const measure = async (what: string, callOf: (round: number) => Call, limit: Limit | null): Promise<Figure> => {
  const samples = await inPairs(pairs, async (round) => (await timed(callOf(round))).milliseconds, emptyNode);
  return figureOf(what, empty, samples, limit);
};

/** `wanna-build --info` on a store with this many packages. */
export async function measureInfo(root: string, packages: number): Promise<Figure> {
  const home = makeHome(root);
  try {
    await fillStore(home, packages);
    const call = home.command('wanna-build', ...suite, '--info', packageName(Math.floor(packages / 2)));
    const count = packages.toLocaleString('en');
    return await measure(`wanna-build --info, ${count} package${packages === 1 ? '' : 's'}`, () => call, {
      kind: 'ratio',
      atMost: 2.5,
    });
  } finally {
    home.remove();
  }
}

/** One process for each take, then one for each built, on a store with 10,000 packages. */
export async function measureReports(root: string): Promise<Figure[]> {
  const home = makeHome(root);
  try {
    await fillStore(home, 10_000);
    const report = (command: string) => (round: number) =>
      home.command('wanna-build', ...suite, '--strict', command, `${packageName(round)}_1.${round}-1`);
    return [
      await measure('wanna-build --take, 10,000 packages', report('--take'), null),
      await measure('wanna-build --built, 10,000 packages', report('--built'), null),
    ];
  } finally {
    home.remove();
  }
}

/** The commands that cron starts, with nothing to do. */
export async function measureIdle(home: Home): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of ['buildd-uploader', 'buildd-watcher', 'buildd-mail'] as const) {
    const call = name === 'buildd-mail' ? home.command(name, '--run-queue') : home.command(name);
    figures.push(await measure(`${[name, ...call.args].join(' ')}, nothing to do`, () => call, null));
  }
  return figures;
}
