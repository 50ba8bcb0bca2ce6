import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Parts of the reference that this page never shows, each a large part of it: a chat, icons of workspaces, languages of messages. */
const LEFT_OUT: Record<string, string> = {
  '@scalar/agent-chat': 'export const Chat = {};',
  '@scalar/agent-chat/style.css': '',
  '@scalar/icons/library': 'export const libraryIcons = []; export const LibraryIcon = {};',
  '../locales/index.js': '',
};

const leaveOut: Plugin = {
  name: 'leave out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(@scalar\/(agent-chat|icons\/library)|\.\.\/locales\/index\.js$)/ }, ({ path, importer }) =>
      path in LEFT_OUT && (path.startsWith('@') || importer.includes('/zod/'))
        ? { path, namespace: 'left-out' }
        : undefined,
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
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^/]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === takeUsedOnly || path.endsWith('.css') || !`${importer} ${path}`.includes('@scalar/'))
        return undefined;
      const found = await resolve(path, { importer, kind, resolveDir, pluginData: takeUsedOnly });
      return found.path.includes('/@scalar/') ? { ...found, sideEffects: false } : undefined;
    });
  },
};

/** Of the reference this one module is ours. */
const ownJson = (root: string): Plugin => ({
  name: 'own JSON',
  setup({ onLoad }) {
    onLoad({ filter: /\/@scalar\/oas-utils\/dist\/helpers\/pretty-print-json\.js$/ }, () => ({
      contents: "export * from './src/docs/reference/pretty_json.ts';",
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
    plugins: [ownJson(root), leaveOut, takeUsedOnly],
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
