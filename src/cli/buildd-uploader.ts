// buildd-uploader: uploads what is queued, from cron or by hand. Arguments in, one use case called.
import { parseArgs } from 'node:util';
import { homeOf } from '../home/paths.ts';
import { systemClock } from '../platform/clock.ts';
import { messageOf, UsageError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { withPlace } from '../platform/system-error.ts';
import { runUploader, type UploadSummary } from '../uploader/upload.ts';
import { openDaemonLog } from './daemon-log.ts';
import { openPorts } from './ports.ts';

const usage = `Usage: buildd-uploader [--home DIR]

Uploads every .changes in the upload queues that has no .upload file yet, and reports it to wanna-build. A failed
upload is mailed to the admin and tried again in the next run.

  --home DIR   the buildd's home (default: $BUILDD_HOME, else the user's home)
  -h, --help   this text
  --version    which version this is

Exit status: 0 done (also when an upload failed, or another uploader works), 64 bad usage, 69 home.db cannot be
opened, 75 no space or not writable, 78 configuration is wrong. While the store is away, reports wait.
`;

/** The buildd-uploader command. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const { home: option, help } = parse(args);
  if (help === true) {
    process.stdout.write(usage);
    return exitCode.ok;
  }
  const home = homeOf(option);
  try {
    return await work(home);
  } catch (error) {
    throw withPlace(error, home);
  }
}

const work = async (home: string): Promise<number> => {
  const ports = await openPorts(home, openDaemonLog(home, 'buildd-uploader'), systemClock, 'when-used');
  try {
    for (const line of summaryLines(await runUploader(ports))) process.stdout.write(`buildd-uploader: ${line}\n`);
    await ports.sendMail();
  } finally {
    await ports.close();
  }
  return exitCode.ok;
};

/** What the run did, for people; nothing where nothing was done. */
function summaryLines(summary: UploadSummary): string[] {
  if (summary.kind === 'busy') return [`another uploader is at work (pid ${summary.pid}); nothing done`];
  const { uploaded, reportedLate, failed, waiting } = summary;
  const lines = [
    ...uploaded.map((job) => `uploaded ${job}`),
    ...reportedLate.map((job) => `reported ${job}, which an earlier run had uploaded`),
    ...failed.map(({ job, output }) => `${job} failed: ${lastLine(output)}; the admin gets a mail`),
  ];
  return waiting === 0
    ? lines
    : [...lines, `${waiting} report${waiting === 1 ? ' waits' : 's wait'} until the store can be reached`];
}

const lastLine = (output: string): string =>
  output
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1) ?? 'it said nothing';

const parse = (args: string[]): { readonly home?: string; readonly help?: boolean } => {
  try {
    return parseArgs({ args, options: { home: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error).split('. ')[0] ?? ''}; see buildd-uploader --help`);
  }
};
