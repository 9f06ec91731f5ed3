import { readFile } from 'node:fs/promises';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { RedisServer } from '../../../servers/redis.ts';
import { until } from '../../../servers/until.ts';
import { fetchNumbers, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

const CERTIFICATE = new URL('../service/localhost-cert.pem', import.meta.url).pathname;
const KEY = new URL('../service/localhost-key.pem', import.meta.url).pathname;

describe('where a store is', () => {
  const url = 'redis://127.0.0.1:1';
  const sentinel = { name: 'mymaster', urls: [url] };
  test.each([
    [{}, 'is one server, with one url'],
    [{ urls: [url, url] }, 'write cluster: true'],
    [{ url, readFrom: 'replica' }, 'has no replicas: leave out readFrom'],
    [{ cluster: true }, 'are none: give at least one'],
    [{ url, cluster: true, database: 1 }, 'a cluster has 0 alone'],
    [{ url: `${url}/1`, cluster: true }, 'a cluster has 0 alone'],
    [{ url: 'unix:/run/redis.sock', cluster: true }, 'name a socket'],
    [{ urls: [url, 'rediss://127.0.0.1:1'], cluster: true }, 'differ in user, password or scheme'],
    [{ urls: [url, 'redis://:secret@127.0.0.1:1'], cluster: true }, 'differ in user, password or scheme'],
    [{ urls: [url, 'nonsense'], cluster: true }, 'is no URL'],
    [{ url, sentinel }, 'leave out url, urls and cluster'],
    [{ cluster: true, sentinel }, 'leave out url, urls and cluster'],
    [{ sentinel: { name: 'mymaster', urls: [] } }, 'are none: give at least one'],
    [{ sentinel: { name: 'mymaster', urls: [`${url}/2`] } }, 'a sentinel none'],
  ] as const)('is refused of %j', async (options, problem) => {
    const failure = await openTestStore(options).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining(problem) });
    expect((failure as Error).message).not.toMatch(/secret|127\.0/);
  });
});

test('a server that is none of a cluster though it is said to be is not reachable, and the log names why', async () => {
  const single = await RedisServer.start();
  const store = await openTestStore({ url: single.url, cluster: true });
  expect(store.isReachable).toBe(false);
  const failure = await fetchNumbers(store, ['a']).catch((cause: unknown) => cause);
  expect(failure).toMatchObject({ code: 'FEATURE_UNAVAILABLE', message: 'The store "online" cannot be reached.' });
  const { errors } = (failure as Error).cause as AggregateError;
  expect(errors[0]).toMatchObject({ cause: { message: expect.stringContaining('cluster support disabled') } });
  await store.close();
  await single.stop();
});

describe('a node of a cluster', () => {
  let node: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    const files = ['--tls-cert-file', CERTIFICATE, '--tls-key-file', KEY, '--tls-ca-cert-file', CERTIFICATE];
    node = await RedisServer.startTlsNode(...files, '--tls-auth-clients', 'no', '--tls-cluster', 'yes');
    admin = new Redis({ port: node.port, tls: { ca: await readFile(CERTIFICATE), servername: 'localhost' } });
    await admin.cluster('ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot));
    await until(async () => (await admin.cluster('INFO')).includes('cluster_state:ok'));
  });
  afterAll(async () => {
    admin.disconnect();
    await node.stop();
  });

  const open = async (options: Parameters<typeof openTestStore>[0]): Promise<Store> => {
    const authority = await readFile(CERTIFICATE, 'utf8');
    return openTestStore({ url: `rediss://localhost:${node.port}`, tls: { authority }, ...options });
  };

  test('that speaks TLS, and knows no address of itself, is reached where it was found', async () => {
    const store = await open({ cluster: true });
    expect(store.isReachable).toBe(true);
    await writeRows(store, { key: 'a', values: { n: 1 } }, { key: 'b', values: { n: 2 } });
    expect([...(await fetchNumbers(store, ['a', 'b'])).values[0]]).toEqual([1, 2]);
    await store.close();
  });

  test('that is taken for a server of its own is told to be one of a cluster', async () => {
    const store = await open({});
    await expect(fetchNumbers(store, ['a', 'b'])).rejects.toMatchObject({
      code: 'FEATURE_UNAVAILABLE',
      message: expect.stringContaining('write `cluster: true`'),
    });
    await store.close();
  });
});
