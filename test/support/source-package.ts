// Makes real source packages for tests out of the trees in test/fixtures/sources, and hostile ones out of a rules
// file that the test writes.
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'sources');
// 2026-11-01T12:00:00Z, the date of the fixtures' changelogs: the same bytes every time.
const epoch = '1793534400';

/** Builds the source package of a tree; returns the path of its .dsc in the directory. */
const packed = (tree: string, directory: string): string => {
  const before = new Set(readdirSync(directory));
  execFileSync('dpkg-source', ['-b', tree], {
    cwd: directory,
    stdio: 'ignore',
    env: { ...process.env, SOURCE_DATE_EPOCH: epoch, LC_ALL: 'C.UTF-8' },
  });
  const dsc = readdirSync(directory).find((name) => name.endsWith('.dsc') && !before.has(name));
  if (dsc === undefined) throw new Error(`dpkg-source made no .dsc out of ${tree}`);
  return join(directory, dsc);
};

/** Makes the source package of a fixture (`greet`, `broken-greet`) in a directory; returns the path of the .dsc. */
export function makeSourcePackage(name: string, directory: string): string {
  mkdirSync(directory, { recursive: true });
  const tree = join(mkdtempSync(join(directory, 'tree-')), name);
  cpSync(join(fixtures, name), tree, { recursive: true });
  return packed(tree, directory);
}

export interface WrittenPackage {
  readonly name: string;
  readonly version?: string;
  /** The commands of debian/rules' binary target, a line each; tabs are added. */
  readonly build: readonly string[];
  readonly buildDepends?: string;
}

/** Makes a source package whose debian/rules runs the given commands and nothing else. */
export function makeWrittenPackage(what: WrittenPackage, directory: string): string {
  const { name, version = '1.0', build, buildDepends = 'build-essential' } = what;
  const tree = join(mkdtempSync(join(directory, 'tree-')), name);
  mkdirSync(join(tree, 'debian', 'source'), { recursive: true });
  const put = (path: string, text: string): void => writeFileSync(join(tree, 'debian', path), text);
  put('source/format', '3.0 (native)\n');
  put(
    'control',
    [
      `Source: ${name}`,
      'Section: misc',
      'Priority: optional',
      'Maintainer: Example Builder <builder@example.org>',
      `Build-Depends: ${buildDepends}`,
      'Standards-Version: 4.6.2',
      'Rules-Requires-Root: no',
      '',
      `Package: ${name}`,
      'Architecture: any',
      'Description: a package that a test wrote',
      '',
    ].join('\n'),
  );
  put(
    'changelog',
    `${name} (${version}) unstable; urgency=medium\n\n  * Test.\n\n -- Example Builder <builder@example.org>  Sun, 01 Nov 2026 12:00:00 +0000\n`,
  );
  put(
    'rules',
    `#!/usr/bin/make -f\nbinary-arch:\n${build.map((line) => `\t${line}\n`).join('')}binary: binary-arch\nbinary-indep build build-arch build-indep clean:\n\t:\n`,
  );
  chmodSync(join(tree, 'debian', 'rules'), 0o755);
  return packed(tree, directory);
}

/** Commands for debian/rules that make the package, and a file beside it that its .changes is to name too. */
export function listing(name: string): string[] {
  return [
    'mkdir -p debian/out/DEBIAN && dpkg-gencontrol -Pdebian/out && dpkg-deb --root-owner-group -b debian/out ..',
    `echo from a hostile build > ../${name}`,
    `dpkg-distaddfile ${name} misc optional`,
  ];
}
