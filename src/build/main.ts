import { chmod, readdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { buildDocs } from './docs.ts';
import { BUNDLE } from './options.ts';

/** Bundles the command line, the threads and the documentation into dist/. */
const sources = await readdir('src', { recursive: true });
const threads = sources.filter((path) => path.endsWith('.thread.ts')).map((path) => `src/${path}`);
await rm('dist', { recursive: true, force: true });
await build({
  ...BUNDLE,
  entryPoints: ['src/bin/continuity.ts', ...threads],
  outdir: 'dist',
  entryNames: '[name]',
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: 'linked',
  legalComments: 'none',
});
await chmod('dist/continuity.js', 0o755);
// esbuild wants an absolute one.
await buildDocs(process.cwd(), 'dist/docs');
