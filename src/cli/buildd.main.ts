// The buildd command.
import { runCommand } from '../platform/command-line.ts';
import { main } from './buildd.ts';

await runCommand('buildd', main);
