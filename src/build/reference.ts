import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Parts of the reference that this page never shows, each a large part of it: a chat, icons, languages of messages and of editors. */
const LEFT_OUT: Record<string, string> = {
  '@scalar/agent-chat': 'export const Chat = {};',
  '@scalar/agent-chat/style.css': '',
  '@scalar/icons/library': 'export const libraryIcons = []; export const LibraryIcon = {};',
  '../locales/index.js': '',
  '@codemirror/lang-css': 'export const css = () => [];',
  '@codemirror/lang-html': 'export const html = () => [];',
  '@codemirror/lang-yaml': 'export const yaml = () => [];',
  '@scalar/helpers/testing/measure':
    'const run = (_name, act) => act(); export { run as measureAsync, run as measureSync };',
  // The document is JSON.
  yaml: 'export const { parse, stringify } = JSON; export default JSON;',
  // The document is checked when it is built.
  '@scalar/typebox/value': 'export const Value = { Check: () => true, Errors: () => [] };',
};

/** Whose import is meant, where others need what has this name. */
const ONLY_OF: Record<string, string> = {
  '../locales/index.js': '/zod/',
  '@scalar/typebox/value': '/workspace-store/dist/client.js',
};

const leaveOut: Plugin = {
  name: 'leave out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer }) =>
      path in LEFT_OUT && importer.includes(ONLY_OF[path] ?? '') ? { path, namespace: 'left-out' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
      contents: LEFT_OUT[path] ?? '',
      loader: path.endsWith('.css') ? 'css' : 'js',
    }));
  },
};

/** Of the reference's own packages only what is used: they do not say themselves that their modules do nothing when loaded. */
const takeUsedOnly: Plugin = {
  name: 'take used only',
  setup({ onResolve, resolve: find }) {
    const found = new Map<string, ReturnType<typeof find>>();
    onResolve({ filter: /^@scalar\// }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === takeUsedOnly || path.endsWith('.css')) return undefined;
      const key = `${path} ${resolveDir.split('/dist/', 1)}`;
      found.set(key, found.get(key) ?? find(path, { kind, resolveDir, pluginData: takeUsedOnly }));
      return { ...(await found.get(key)), sideEffects: false };
    });
    // Asking esbuild for each of thousands of modules takes half a minute.
    onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, importer, resolveDir }) =>
      importer.includes('/@scalar/') ? { path: resolve(resolveDir, path), sideEffects: false } : undefined,
    );
  },
};

/** Modules of the reference in whose place stand ours: what they export of which. */
const OURS: readonly (readonly [module: RegExp, exports: string, ours: string])[] = [
  [/\/@scalar\/oas-utils\/dist\/helpers\/pretty-print-json\.js$/, '*', 'pretty_json.ts'],
  [/\/@scalar\/code-highlight\/dist\/(markdown\/)?index\.js$/, '*', 'code_highlight.ts'],
  [/\/scalar-info-block\/components\/InfoDescription\.vue\.js$/, '{ Guides as default }', 'guides.ts'],
];

const placeOurs = (root: string): Plugin => ({
  name: 'place ours',
  setup({ onLoad }) {
    for (const [filter, exports, ours] of OURS)
      onLoad({ filter }, () => ({
        contents: `export ${exports} from './src/docs/reference/${ours}';`,
        resolveDir: resolve(root),
      }));
  },
});

/** Bundles the script and the stylesheet of `/docs` into a folder; answers their names, which change with their content. */
export async function bundleReference(root: string, folder: string): Promise<{ script: string; style: string }> {
  const { outputFiles } = await build({
    absWorkingDir: resolve(root),
    entryPoints: ['src/docs/reference/main.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022', 'chrome112', 'firefox115', 'safari16'],
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    plugins: [placeOurs(root), leaveOut, takeUsedOnly],
    legalComments: 'none',
    logLevel: 'warning',
    outdir: folder,
    write: false,
  });
  await mkdir(folder, { recursive: true });
  const names = await Promise.all(
    outputFiles.map(({ path, contents }) => writeHashed(folder, basename(path), contents)),
  );
  const [script = '', style = ''] = ['.js', '.css'].map((end) => names.find((name) => name.endsWith(end)));
  return { script, style };
}

async function writeHashed(folder: string, file: string, contents: Uint8Array): Promise<string> {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16);
  const name = file.replace(/^main/, `reference-${hash}`);
  await writeFile(join(folder, name), contents);
  return name;
}
