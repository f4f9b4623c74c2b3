// The buildd-watcher command.
import { runCommand } from '../platform/command-line.ts';
import { main } from './buildd-watcher.ts';

await runCommand('buildd-watcher', main);
