import { defineConfig } from 'vitest/config';

export default defineConfig({
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
