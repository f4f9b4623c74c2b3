// The wanna-build command.
import { runCommand } from '../platform/command-line.ts';
import { main } from './wanna-build.ts';

await runCommand('wanna-build', main);
