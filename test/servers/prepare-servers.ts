import { findCouchbaseMock } from './find-couchbase-mock.ts';
import { findRedis } from './find-redis.ts';

/**
 * Before any test: the servers that tests start are there, installed once, so that no test waits for an installation.
 * Named in vitest.config.ts.
 */
export default async function prepareServers(): Promise<void> {
  await Promise.all([findRedis(), findCouchbaseMock()]);
}
