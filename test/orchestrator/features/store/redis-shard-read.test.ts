import { afterAll, beforeAll, expect, test } from 'vitest';
import { FetchScope } from '../../../../orchestrator/features/fetch-scope.ts';
import { RowBlock } from '../../../../orchestrator/features/row-block.ts';
import type { FieldSpec } from '../../../../orchestrator/features/source.ts';
import { jsonRows } from '../../../../orchestrator/features/store/json-row.ts';
import { redisAddress } from '../../../../orchestrator/features/store/redis-address.ts';
import { RedisConnection } from '../../../../orchestrator/features/store/redis-connection.ts';
import { RedisNodes } from '../../../../orchestrator/features/store/redis-nodes.ts';
import { RedisRoutes } from '../../../../orchestrator/features/store/redis-routes.ts';
import type { RowReader } from '../../../../orchestrator/features/store/redis-rows.ts';
import { ShardMap } from '../../../../orchestrator/features/store/redis-shard-map.ts';
import { readShards } from '../../../../orchestrator/features/store/redis-shard-read.ts';
import { valueRows } from '../../../../orchestrator/features/store/redis-value-rows.ts';
import { Status, statusOf } from '../../../../orchestrator/plan/column.ts';
import { RedisServer } from '../../../servers/redis.ts';
import { now } from './numbers.ts';

const FIELDS: readonly FieldSpec[] = [
  { name: 'n', type: 'double' },
  { name: 'm', type: 'double' },
];
let servers: RedisServer[];
let connections: RedisConnection[];

beforeAll(async () => {
  servers = await Promise.all([RedisServer.start(), RedisServer.start()]);
  connections = servers.map(
    ({ url }) =>
      new RedisConnection({
        store: 'online',
        address: redisAddress('online', { url }),
        connectTimeoutMs: 5000,
        maxInFlight: 10,
        random: Math.random,
      }),
  );
  await Promise.all(connections.map(({ opened }) => opened));
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await Promise.all(servers.map((server) => server.stop()));
});

test('of a row that a replica had begun to give when it broke, nothing is left in that which its master gives', async () => {
  const [master, replica] = connections;
  const routes = new RedisRoutes({
    store: 'online',
    nodes: new RedisNodes(() => master),
    readsReplicas: true,
    onTrouble: () => undefined,
  });
  routes.map = new ShardMap([{ master: { host: '', port: 0 }, replicas: [] }], () => ({ master, replicas: [replica] }));
  const scope = new FetchScope({ deadlineMs: Infinity, signal: new AbortController().signal }, now);
  const sent = (connection: RedisConnection, text: string): Promise<unknown> =>
    connection.run((client) => client.set('a', text), scope);
  await sent(replica, '{"n":null,"m":1,"_ts":"2013-01-05T10:00:00Z"}');
  await sent(master, '{"n":2}');
  const reader = valueRows(jsonRows).reader(FIELDS);
  const breaking: RowReader = {
    ...reader,
    async read(client, keys, places) {
      await reader.read(client, keys, places);
      throw new Error('Connection is closed.');
    },
  };
  const block = new RowBlock(FIELDS, 1);
  expect(await readShards({ routes, reader: breaking, block, scope }, { keys: ['a'], rows: [0] })).toBeUndefined();
  scope.close();
  const { values, states, timestampMs } = block.columns;
  expect(states.map(([state]) => statusOf(state))).toEqual([Status.PRESENT, Status.NULL_VALUE]);
  expect([values[0][0], values[1][0], timestampMs[0]]).toEqual([2, Number.NaN, Number.NaN]);
});
