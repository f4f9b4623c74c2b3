// `buildd up`: daemon, mail listener, uploader and watcher in one foreground process, for hosts without a mail
// server and without cron. Stopping it stops all of them; nothing is lost, as with each of them alone.
import { schedule } from 'node-cron';
import type { Control } from '../daemon/control.ts';
import type { End } from '../daemon/run-state.ts';
import { isLoopback, parseListenAddress, type ListenAddress } from '../mail/incoming/spool/listen-address.ts';
import { listen } from '../mail/incoming/spool/listener.ts';
import { messageOf } from '../platform/errors.ts';
import { standardErrorLogger, tee } from '../platform/logger.ts';
import { runUploader } from '../uploader/upload.ts';
import { runWatcher } from '../watcher/watch.ts';
import { runDaemon, withDaemonPorts, type DaemonOptions } from './buildd-daemon.ts';
import { mailQueueOf } from './mail-queue.ts';
import type { Ports } from './ports.ts';

const uploaderSchedule = '* * * * *';
const watcherSchedule = '*/15 * * * *';
const mailSchedule = '* * * * *';

/** Runs everything until TERM or INT. @returns the exit code */
export async function up(home: string, where: string, options: DaemonOptions): Promise<number> {
  const address = parseListenAddress(where);
  return withDaemonPorts(
    home,
    options,
    (file) => tee(file, standardErrorLogger('buildd')),
    (ports, control) => runAll(ports, control, address),
  );
}

const runAll = async (ports: Ports, control: Control, address: ListenAddress): Promise<End> => {
  const { log } = ports;
  const queue = mailQueueOf(ports);
  const jobs = jobsOf(ports);
  const upload = (): void => jobs.start('uploader', () => runUploader(ports));
  const runQueue = (): void =>
    jobs.start('mail queue', async () => {
      // A signed .changes need not wait for the uploader's next minute.
      if ((await queue.run()).processed > 0) upload();
    });
  // The daemon is this very process: there is none to start.
  const world = { ...ports, daemonCommand: null, runQueue: async () => (await queue.run()).processed };
  const watchOver = (): void => jobs.start('watcher', () => runWatcher(world));
  const listener = await listen(address, {
    paths: ports.paths,
    limit: () => ports.conf().mail.max_mail_size,
    clock: ports.clock,
    log,
    stored: runQueue,
  });
  log.log(`receiving mail on ${listener.address}${isLoopback(address) ? '' : ', reachable from other hosts'}`);
  const tasks = [
    schedule(mailSchedule, runQueue),
    schedule(uploaderSchedule, upload),
    schedule(watcherSchedule, watchOver),
  ];
  runQueue();
  upload();
  try {
    return await runDaemon(ports, control);
  } finally {
    for (const task of tasks) await task.destroy();
    await listener.close();
    // What arrived until now, and what is under way.
    runQueue();
    await jobs.ended();
  }
};

interface Jobs {
  /** Does one round of work and hands over the mails it caused; what goes wrong is said in the log. */
  start(name: string, work: () => Promise<unknown>): void;
  /** Resolves when nothing is under way. */
  ended(): Promise<void>;
}

const jobsOf = (ports: Ports): Jobs => {
  const underWay = new Set<Promise<void>>();
  const round = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      await ports.sendMail();
    } catch (error) {
      ports.log.log(`${name}: ${messageOf(error)}`);
    }
  };
  return {
    start: (name, work) => {
      const job = round(name, work).finally(() => void underWay.delete(job));
      underWay.add(job);
    },
    ended: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};
