// The quickstart's time, step by step, as it tells it itself.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Measured, Step } from './figure.ts';

/** @throws Error when the quickstart does not do what it must */
export function measureQuickstart(root: string): NonNullable<Measured['quickstart']> {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/quickstart.js')], {
    encoding: 'utf8',
    env: { ...process.env, QUICKSTART_TIMES: '1' },
    timeout: 300_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  const times = /^times: (.*)$/m.exec(stdout)?.[1];
  if (status !== 0 || times === undefined) throw new Error(`the quickstart failed: ${stderr.trim()}`);
  // What the quickstart's narrator wrote.
  const steps = JSON.parse(times) as Step[];
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
  return { steps, seconds, limit: { kind: 'total', atMost: 60 } };
}
