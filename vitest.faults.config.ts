import { defineConfig } from 'vitest/config';
import { FAULTS } from './test/faults.ts';

export default defineConfig({
  test: {
    include: FAULTS,
    globalSetup: ['test/servers/prepare-servers.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
