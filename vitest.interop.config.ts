import { defineConfig } from 'vitest/config';
import { INTEROP } from './test/interop-tests.ts';
import all from './vitest.config.ts';

export default defineConfig({ test: { ...all.test, include: INTEROP, exclude: [] } });
