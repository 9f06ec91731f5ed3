const STORES = 'test/orchestrator/features/store';

/**
 * Tests that mostly wait for servers to be missed (2 s each) and for clusters to agree: a minute and a half, which is
 * more than `npm test` has to give. `npm run faults` runs them.
 */
export const FAULTS = ['couchbase-faults', 'redis-cluster-faults', 'redis-sentinel-faults', 'redis-replicas'].map(
  (name) => `${STORES}/${name}.test.ts`,
);
