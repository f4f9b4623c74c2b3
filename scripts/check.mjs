// `npm run check`: installs what the tests need, then formatting, lint, types, dead code, unit and end-to-end tests.
// The last line is the sum over all of them: `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureDebianPackages, ensureNodeModules, give, root } from './prepare.mjs';

const debianPackages = [
  'apt-utils',
  'bubblewrap',
  'build-essential',
  'devscripts',
  'dpkg-dev',
  'dupload',
  'gnupg',
  'mmdebstrap',
  'postfix',
  'procps',
  'reprepro',
  'sbuild',
  'schroot',
  'strace',
  'util-linux',
  'xz-utils',
  'zstd',
];

const total = { passed: 0, failed: 0, skipped: 0 };
const isCi = process.env.CI === 'true';

ensureNodeModules();
const missing = ensureDebianPackages(debianPackages);
if (missing.length > 0 && isCi) give(`CI needs these Debian packages: ${missing.join(' ')}`);
ensureBuilt();

const staticCheck = (title, program, ...args) => {
  const began = Date.now();
  const { status } = spawnSync(join(root, 'node_modules/.bin', program), args, { cwd: root, stdio: 'inherit' });
  const good = status === 0;
  total[good ? 'passed' : 'failed'] += 1;
  console.log(`${good ? 'ok' : 'NOT OK'}: ${title} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
};

staticCheck('formatting', 'prettier', '--check', '--log-level', 'warn', '.');
staticCheck('types', 'tsc');
staticCheck('lint', 'eslint', '--max-warnings', '0', '.');
staticCheck('dead code and dependencies', 'knip');

const directory = mkdtempSync(join(tmpdir(), 'mailbuildd-check-'));
for (const project of ['unit', 'e2e']) {
  const report = join(directory, `${project}.json`);
  const coverage = project === 'unit' ? ['--coverage'] : [];
  const { status } = spawnSync(
    join(root, 'node_modules/.bin/vitest'),
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...coverage],
    { cwd: root, stdio: 'inherit' },
  );
  addVitest(report, status);
}
rmSync(directory, { recursive: true, force: true });

function addVitest(report, status) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    result = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, numTotalTests: 0 };
  }
  total.passed += result.numPassedTests;
  total.failed += result.numFailedTests;
  total.skipped += result.numPendingTests + result.numTodoTests;
  // A file that could not be loaded, or an error outside a test, fails the run without failing a test.
  if (status !== 0 && result.numFailedTests === 0) total.failed += 1;
}

if (isCi && total.skipped > 0) console.log(`with CI=true nothing may be skipped, but ${total.skipped} tests were`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || (isCi && total.skipped > 0) ? 1 : 0;
