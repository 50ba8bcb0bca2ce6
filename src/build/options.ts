import type { BuildOptions } from 'esbuild';

/** How the program is bundled: packages stay outside, in node_modules. */
export const BUNDLE = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
  // Ajv's generated validators are CommonJS and require its small run-time functions.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
} as const satisfies BuildOptions;
