// `buildd up`: daemon, mail listener, uploader and watcher in one foreground process, for hosts without a mail
// server and without cron. Stopping it stops all of them; nothing is lost, as with each of them alone.
import { schedule, type ScheduledTask } from 'node-cron';
import { loadBuilddConf } from '../config/load.ts';
import { createControl } from '../daemon/control.ts';
import { listenToSignals } from '../daemon/signals.ts';
import { ensureHomeDirectories, pathsOf } from '../home/paths.ts';
import { isLoopback, parseListenAddress } from '../mail/incoming/listen-address.ts';
import { listen } from '../mail/incoming/listener.ts';
import { systemClock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { fileLogger, standardErrorLogger, tee } from '../platform/logger.ts';
import { runUploader } from '../uploader/upload.ts';
import { runWatcher } from '../watcher/watch.ts';
import { runWithPidFile } from './buildd-daemon.ts';
import { summaryLines } from './buildd-uploader.ts';
import { mailQueueOf } from './mail-queue.ts';
import { openPorts, type Ports } from './ports.ts';

const uploaderSchedule = '* * * * *';
const watcherSchedule = '*/15 * * * *';
const mailSchedule = '* * * * *';

/** Runs everything until TERM or INT. @returns the exit code */
export async function up(home: string, where: string): Promise<number> {
  const address = parseListenAddress(where);
  const conf = loadBuilddConf(home);
  const paths = pathsOf(home);
  ensureHomeDirectories(paths);
  const file = fileLogger(conf.daemon_log_file ?? paths.daemonLog, 'buildd', systemClock);
  const log = tee(file, standardErrorLogger('buildd'));
  const control = createControl((seconds, signal) => systemClock.sleep(seconds, signal));
  const undo = listenToSignals(control, log);
  const ports = await openPorts(home, log);
  try {
    const queue = mailQueueOf(ports);
    const runQueue = (): void => void queue.run().catch((error: unknown) => log.log(`mail queue: ${messageOf(error)}`));
    const listener = await listen(address, {
      paths,
      limit: () => ports.conf().mail.max_mail_size,
      clock: ports.clock,
      log,
      stored: runQueue,
    });
    log.log(`receiving mail on ${listener.address}${isLoopback(address) ? '' : ', reachable from other hosts'}`);
    runQueue();
    const tasks = [
      schedule(mailSchedule, runQueue),
      schedule(uploaderSchedule, () => upload(ports)),
      schedule(watcherSchedule, () => watch(ports, async () => (await queue.run()).processed)),
    ];
    await upload(ports);
    try {
      await runWithPidFile(ports, control);
    } finally {
      for (const task of tasks) await (task satisfies ScheduledTask).destroy();
      await listener.close();
      await queue.run();
    }
    log.log('stopped');
    return exitCode.ok;
  } finally {
    await ports.close();
    undo();
  }
}

const upload = async (ports: Ports): Promise<void> => {
  try {
    for (const line of summaryLines(await runUploader(ports))) ports.log.log(`uploader: ${line}`);
    await ports.sendMail();
  } catch (error) {
    ports.log.log(`uploader: ${messageOf(error)}`);
  }
};

const watch = async (ports: Ports, runQueue: () => Promise<number>): Promise<void> => {
  try {
    // The daemon is this very process: there is none to start.
    const summary = await runWatcher({ ...ports, daemonCommand: null, runQueue });
    if (summary.kind === 'busy') return;
    for (const line of [...summary.done, ...summary.failed]) ports.log.log(`watcher: ${line}`);
    await ports.sendMail();
  } catch (error) {
    ports.log.log(`watcher: ${messageOf(error)}`);
  }
};
