// The buildd-uploader command.
import { runCommand } from '../platform/command-line.ts';
import { main } from './buildd-uploader.ts';

await runCommand('buildd-uploader', main);
