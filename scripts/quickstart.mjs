// `npm run quickstart`: installs what is missing, then shows the whole way of a package in a temporary home.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, ensureDebianPackages, ensureNodeModules, give, root } from './prepare.mjs';

ensureNodeModules();
const missing = ensureDebianPackages(['bubblewrap', 'build-essential', 'dpkg-dev', 'gnupg', 'procps']);
if (missing.length > 0) give('quickstart: install these packages first, then run it again');
ensureBuilt();
const { status } = spawnSync(process.execPath, [join(root, 'dist/quickstart.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
