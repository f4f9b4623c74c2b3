// A command bundled as it is installed, for tests that need real processes of it.
import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export interface BundledCommand {
  /** The file to give to node. */
  readonly path: string;
  remove(): void;
}

/** Bundles src/cli/NAME.main.ts below node_modules, so that what stays outside the bundle is found. */
export async function bundledCommand(name: string): Promise<BundledCommand> {
  const parent = join(root, 'node_modules/.cache/mailbuildd-tests');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, `${name}-`));
  await build({
    absWorkingDir: root,
    entryPoints: [`src/cli/${name}.main.ts`],
    outdir: directory,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['better-sqlite3'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  return {
    path: join(directory, `${name}.main.js`),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
