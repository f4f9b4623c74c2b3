// The buildd-uploader command.
import { runCommand } from '../platform/command-line.ts';
import { withCommonOptions } from './common-options.ts';
import { main } from './buildd-uploader.ts';

await runCommand('buildd-uploader', withCommonOptions('buildd-uploader', main));
