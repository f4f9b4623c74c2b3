// The buildd command.
import { runCommand } from '../platform/command-line.ts';
import { withCommonOptions } from './common-options.ts';
import { main } from './buildd.ts';

await runCommand('buildd', withCommonOptions('buildd', main));
