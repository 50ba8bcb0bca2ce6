import { chmod, readdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

/** Bundles the command line and the threads into dist/; packages stay outside, in node_modules. */
const sources = await readdir('src', { recursive: true });
const threads = sources.filter((path) => path.endsWith('.thread.ts')).map((path) => `src/${path}`);
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/bin/continuity.ts', ...threads],
  outdir: 'dist',
  entryNames: '[name]',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  // Ajv's generated validators are CommonJS and require its small run-time functions.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
});
await chmod('dist/continuity.js', 0o755);
