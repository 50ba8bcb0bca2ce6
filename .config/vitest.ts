import { defineConfig } from 'vitest/config';
import { temporaryFolder } from '../src/testing/temporary_folder.ts';

// Read by tmpdir() of what sets the run up, and of the tests.
process.env['TMPDIR'] = temporaryFolder();

export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^\.\/password_cost\.ts$/,
        replacement: new URL('../src/testing/password_cost.ts', import.meta.url).pathname,
      },
    ],
  },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['src/**/*.test.ts', 'contract-tests/**/*.test.ts', 'generated/**/*.test.ts'],
    globalSetup: ['src/testing/globalSetup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'threads',
    // Loading the server anew for each file took half of the run; what one file leaves behind, another must bear.
    isolate: false,
    maxWorkers: 2,
  },
});
