/**
 * Tests that need libraries of Python beside what a wrapper needs itself, half a gigabyte of them, that ask for the
 * example's boards one model after the other, or start Tandem for each of their cases: more than `npm test` has time for.
 * `npm run interop` runs them.
 */
export const INTEROP = [
  'test/bench/python-rivals.test.ts',
  'test/cli/python-functions.test.ts',
  'test/docs/python-models-page.test.ts',
  'test/docs/python-page.test.ts',
  'test/e2e/every-runtime.test.ts',
  'test/e2e/features-from-model.test.ts',
  'test/package/wheel.test.ts',
  'test/wrapper/check-model/python-load.test.ts',
  'test/wrapper/python/imports.test.ts',
  'test/wrapper/python/pytest.test.ts',
  'test/wrapper/python-models.test.ts',
  'test/wrapper/python-models-hosted.test.ts',
];
