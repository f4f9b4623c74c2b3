// The benchmark: measures, prints, and says which limit was missed. Arguments: the checkout, then the parts to
// measure (all of them where none is named). Run it by `npm run bench [-- PART…]` on a machine that is otherwise idle.
import { cpus } from 'node:os';
import { measureIdle, measureInfo, measureReports } from './commands.ts';
import { missedIn, tableOf, type Figure, type Measured } from './figure.ts';
import { measureForward } from './forward.ts';
import { fileSystemOf, makeHome, type Home } from './home.ts';
import { measureQuickstart } from './quickstart.ts';

const parts = {
  forward: (_root: string, home: Home): Promise<Figure[]> => measureForward(home),
  info: async (root: string): Promise<Figure[]> => [await measureInfo(root, 1), await measureInfo(root, 10_000)],
  reports: (root: string): Promise<Figure[]> => measureReports(root),
  idle: (_root: string, home: Home): Promise<Figure[]> => measureIdle(home),
};

const known = [...Object.keys(parts), 'quickstart'];

const measureAll = async (root: string, asked: readonly string[], home: Home): Promise<Measured> => {
  const isAsked = (part: string): boolean => asked.length === 0 || asked.includes(part);
  const figures: Figure[] = [];
  for (const [part, measure] of Object.entries(parts)) {
    if (!isAsked(part)) continue;
    process.stderr.write(`measuring ${part} …\n`);
    figures.push(...(await measure(root, home)));
  }
  if (!isAsked('quickstart')) return { figures, quickstart: null };
  process.stderr.write('measuring quickstart …\n');
  return { figures, quickstart: measureQuickstart(root) };
};

const main = async ([root = '', ...asked]: readonly string[]): Promise<number> => {
  const unknown = asked.find((part) => !known.includes(part));
  if (unknown !== undefined) {
    process.stderr.write(`bench: unknown part "${unknown}"; known are ${known.join(', ')}\n`);
    return 64;
  }
  const home = makeHome(root);
  try {
    const machine = { node: process.version, processors: cpus().length, fileSystem: fileSystemOf(home.path) };
    const measured = await measureAll(root, asked, home);
    const missed = missedIn(measured);
    process.stderr.write(`\nnode ${machine.node}, ${machine.processors} processors, ${machine.fileSystem}\n\n`);
    process.stderr.write(tableOf(measured));
    process.stdout.write(`${JSON.stringify({ ...machine, ...measured, missed }, null, 2)}\n`);
    for (const line of missed) process.stderr.write(`bench: missed: ${line}\n`);
    return missed.length > 0 ? 1 : 0;
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    // What failed was said above; a processor that still works must not keep us.
    await home.quiet().catch(() => undefined);
    home.remove();
  }
};

process.exitCode = await main(process.argv.slice(2));
