// What every command answers whatever else stands on its command line: --version and --help.
import packageJson from '../../package.json' with { type: 'json' };
import { exitCode } from '../platform/exit-codes.ts';

/** A command that answers --version itself, and gets --help alone where it is among its arguments. */
export function withCommonOptions(
  name: string,
  main: (args: string[]) => Promise<number>,
): (args: string[]) => Promise<number> {
  return async (args) => {
    const end = args.indexOf('--');
    const options = end < 0 ? args : args.slice(0, end);
    if (options.includes('--help') || options.includes('-h')) return main(['--help']);
    if (!options.includes('--version')) return main(args);
    process.stdout.write(`${name} (mailbuildd) ${packageJson.version}\n`);
    return exitCode.ok;
  };
}
