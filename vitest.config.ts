// How tests run. Two cores are the measure: test files run in two processes, each with a generous time-out, because
// engines, browsers and foreign clients share them.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    // What is waited for comes when the machine gets to it.
    expect: { poll: { timeout: 20_000, interval: 20 } },
    globalSetup: ['test/support/missing-packages.ts'],
    restoreMocks: true,
    unstubEnvs: true,
  },
});
