// The buildd-mail command as it is started; see buildd-mail.ts.
import { runCommand } from '../platform/command-line.ts';
import { withCommonOptions } from './common-options.ts';
import { main } from './buildd-mail.ts';

await runCommand('buildd-mail', withCommonOptions('buildd-mail', main));
