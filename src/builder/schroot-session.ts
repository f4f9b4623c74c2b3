// The chroot session of a build whose sbuild was killed: neither the build in it nor the session ends by itself.
import { open } from 'node:fs/promises';
import { run } from '../platform/run.ts';
import type { BuildLog } from './build-log.ts';
import type { BuildJob } from './job.ts';

// sbuild names its session in one of the first lines, before anything of the package is printed.
const sessionLine =
  /^I: NOTICE: Log filtering will replace '\S{0,200}\/([A-Za-z0-9][A-Za-z0-9._-]{0,120}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})' with '<<CHROOT>>'$/m;

/** Ends the session that the log names, with everything that runs in it, and says so in the log. */
export async function endSession(log: BuildLog, job: BuildJob): Promise<void> {
  const file = await open(log.path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const session = sessionLine.exec(buffer.toString('latin1', 0, bytesRead))?.[1];
    if (session === undefined || (job.chroot !== null && !session.startsWith(job.chroot.slice(0, 20)))) return;
    const ended = await run('schroot', ['--end-session', '--force', '--chroot', session], { timeoutSeconds: 120 });
    log.write(`I: mailbuildd: ended the schroot session ${session}${ended.code === 0 ? '' : ', which failed'}\n`);
  } finally {
    await file.close();
  }
}
