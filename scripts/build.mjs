// Bundles each command into one file in dist/, so that a cron job or a .forward starts one small program.
// Native code and what is heavy and rarely needed stays outside the bundle and is imported when it is used.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const commands = readdirSync(join(root, 'src/cli')).filter((name) => name.endsWith('.main.ts'));

const { metafile } = await build({
  metafile: true,
  absWorkingDir: root,
  entryPoints: [
    ...commands.map((name) => ({ in: `src/cli/${name}`, out: name.replace(/\.main\.ts$/, '') })),
    { in: 'scripts/quickstart/main.ts', out: 'quickstart' },
  ],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: true,
  minifySyntax: true,
  external: ['better-sqlite3', 'openpgp', 'mailparser', 'nodemailer', 'smtp-server'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// Only afterwards, so that commands which run meanwhile still find theirs: what this build did not write is stale.
const written = new Set(Object.keys(metafile.outputs).map((path) => join(root, path)));
for (const entry of readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !written.has(path)) rmSync(path, { force: true });
}
