import { defineConfig } from 'vitest/config';
import { FAULTS } from './test/faults.ts';
import { INTEROP } from './test/interop-tests.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/soak/**', 'test/interop/**', ...FAULTS, ...INTEROP],
    globalSetup: ['test/servers/prepare-servers.ts'],
    // Of two cores Vitest would use one; most of a test's time is waiting for the processes that it starts.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
