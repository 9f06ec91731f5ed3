const STORES = 'test/orchestrator/features/store';

/**
 * Tests that mostly wait for servers to be missed (2 s each), for clusters to agree and for processes to end: two minutes,
 * which is more than `npm test` has to give. `npm run faults` runs them.
 */
export const FAULTS = [
  `${STORES}/couchbase-faults.test.ts`,
  `${STORES}/redis-cluster-faults.test.ts`,
  `${STORES}/redis-sentinel-faults.test.ts`,
  `${STORES}/redis-replicas.test.ts`,
  'test/cli/dev-ends.test.ts',
  'test/data/ingest/killed.test.ts',
];
