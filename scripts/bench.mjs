// `npm run bench`: how long the commands take, as whole processes, against a program that does nothing. A table goes
// to standard error, the same as JSON to standard output; exit 1 when a limit was missed. Never part of the checks:
// a machine that is busy with something else misses limits for no fault of ours.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, ensureDebianPackages, ensureNodeModules, give, root } from './prepare.mjs';

ensureNodeModules();
const missing = ensureDebianPackages(['bubblewrap', 'build-essential', 'dpkg-dev', 'gnupg', 'procps']);
if (missing.length > 0) give('bench: the quickstart is measured too and needs these packages; install them first');
ensureBuilt();

const { build } = await import('esbuild');
const program = join(root, 'node_modules/.cache/mailbuildd-bench/bench.mjs');
await build({
  entryPoints: [join(root, 'test/bench/main.ts')],
  outfile: program,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [program, root, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
