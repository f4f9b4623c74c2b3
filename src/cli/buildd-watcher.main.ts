// The buildd-watcher command.
import { runCommand } from '../platform/command-line.ts';
import { withCommonOptions } from './common-options.ts';
import { main } from './buildd-watcher.ts';

await runCommand('buildd-watcher', withCommonOptions('buildd-watcher', main));
