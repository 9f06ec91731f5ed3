import { defineConfig } from 'vitest/config';
import { FAULTS } from './test/faults.ts';
import all from './vitest.config.ts';

export default defineConfig({ test: { ...all.test, include: FAULTS, exclude: [] } });
