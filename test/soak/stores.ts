import { openReference } from '../reference/expected.ts';
import type { Options } from './options.ts';
import type { Line } from './report.ts';
import { redisTroubles } from './stores/redis-troubles.ts';
import { storeVariants } from './stores/running-store.ts';
import { FAILOVER, SoakedCluster } from './stores/soaked-cluster.ts';
import { SoakedRedis } from './stores/soaked-redis.ts';
import { checkTroubles } from './troubles/check-troubles.ts';
import { toldCases } from './troubles/told-cases.ts';

/** The example over a Redis that goes away, stands still and is full, and over a cluster that loses a master. */
export async function checkStores({ seconds }: Options): Promise<Line[]> {
  const cases = await toldCases(await openReference());
  const [redis, clusters] = [storeVariants(() => SoakedRedis.open()), storeVariants(() => SoakedCluster.open())];
  return [
    ...(await checkTroubles({ subject: 'redis', variants: redis, troubles: redisTroubles(seconds * 1000) }, cases)),
    ...(await checkTroubles({ subject: 'cluster', variants: clusters, troubles: [FAILOVER] }, cases)),
  ];
}
