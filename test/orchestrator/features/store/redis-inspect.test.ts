import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Redis } from 'iovalkey';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Store, StoreInspection } from '../../../../orchestrator/features/source.ts';
import type { RedisStoreOptions } from '../../../../orchestrator/features/store/redis.ts';
import { RedisServer } from '../../../servers/redis.ts';
import { now, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

const servers: RedisServer[] = [];
const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function start(...options: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...options);
  servers.push(server);
  return server;
}

async function open(options: Partial<RedisStoreOptions> & { url: string }): Promise<Store> {
  const store = await openTestStore(options);
  stores.push(store);
  return store;
}

const asked = () => ({ signal: new AbortController().signal, deadlineMs: now() + 5000 });

async function inspect(options: Partial<RedisStoreOptions> & { url: string }): Promise<StoreInspection> {
  return (await open(options)).inspect!(asked());
}

const codesOf = ({ findings }: StoreInspection): string[] => findings.map(({ code }) => code);

describe('a server of the Redis family says of itself', () => {
  test('its version, its memory and its settings, and what of them hurts, with the mend', async () => {
    const { url } = await start('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru', '--timeout', '300');
    const { server, facts, findings } = await inspect({ url });
    expect(server).toEqual({ name: 'redis', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(facts).toMatchObject({
      usedMemoryBytes: expect.any(Number),
      maxMemoryBytes: 100 * 1024 ** 2,
      maxMemoryPolicy: 'allkeys-lru',
      save: '',
      isAppendOnly: false,
      isReplica: false,
      idleTimeoutSeconds: 300,
    });
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'problem EVICTION',
      'problem NO_PERSISTENCE',
      'warning IDLE_TIMEOUT',
    ]);
    expect(findings.every(({ mend }) => mend?.startsWith('CONFIG SET'))).toBe(true);
  });

  test('nothing that hurts where it keeps its rows, within a limit at which it refuses more', async () => {
    const { url } = await start('--maxmemory', '100mb', '--appendonly', 'yes');
    expect(await inspect({ url })).toMatchObject({ facts: { isAppendOnly: true }, findings: [] });
    const { url: snapshots } = await start('--maxmemory', '100mb', '--save', '900', '1');
    expect(await inspect({ url: snapshots })).toMatchObject({ facts: { save: '900 1' }, findings: [] });
  });

  test('that it takes memory without limit, and that what it has is nearly used', async () => {
    const { url } = await start();
    expect(codesOf(await inspect({ url }))).toEqual(['NO_MEMORY_LIMIT', 'NO_PERSISTENCE']);
    const full = await start('--appendonly', 'yes', '--maxmemory', '10mb');
    const writer = new Redis({ port: full.port });
    for (let at = 0; at < 18; at++) await writer.set(`nyc:plane:${at}`, 'x'.repeat(400_000));
    writer.disconnect();
    expect(codesOf(await inspect({ url: full.url }))).toEqual(['MEMORY_NEARLY_FULL']);
  });

  test('that rows with an expiry may vanish: a problem only where rows have one', async () => {
    const { url } = await start('--maxmemory', '100mb', '--maxmemory-policy', 'volatile-ttl', '--appendonly', 'yes');
    expect(codesOf(await inspect({ url }))).toEqual(['EVICTION_OF_EXPIRING']);
    expect(codesOf(await inspect({ url, expiryMs: 60_000 }))).toEqual(['EVICTION']);
  });

  test('that it is a replica: read-only, and cut off where its primary is gone', async () => {
    const primary = await start('--maxmemory', '100mb', '--repl-diskless-sync-delay', '0');
    const replica = await start('--maxmemory', '100mb', '--replicaof', '127.0.0.1', `${primary.port}`);
    const watch = new Redis({ port: replica.port });
    const isLinked = async () => (await watch.info('replication')).includes('master_link_status:up');
    await expect.poll(isLinked, { timeout: 10_000 }).toBe(true);
    expect(await inspect({ url: replica.url })).toMatchObject({
      facts: { isReplica: true, isReadOnly: true, isLinkUp: true },
      findings: [{ code: 'READ_ONLY' }],
    });
    await primary.kill();
    await expect.poll(isLinked, { timeout: 10_000 }).toBe(false);
    expect(codesOf(await inspect({ url: replica.url }))).toEqual(['REPLICA_CUT_OFF', 'READ_ONLY']);
    watch.disconnect();
  });

  test('what it refuses to say is unknown, and no failure', async () => {
    const { url } = await start('--user', 'app', 'on', '>only-rows', '~*', '+@all', '-config', '-memory');
    const store = await open({ url, username: 'app', password: 'only-rows' });
    await writeRows(store, { key: 'a', values: { n: 1 } });
    const inspected = await store.inspect!(asked());
    expect(inspected.facts).toMatchObject({ save: null, isReadOnly: null, idleTimeoutSeconds: null });
    expect(inspected.findings).toContainEqual({
      code: 'SETTINGS_UNKNOWN',
      severity: 'unknown',
      message: 'the server does not tell save, timeout',
      mend: null,
    });
    expect(await store.rowBytes!('plane', ['a'], asked())).toMatchObject({ rows: 1, memoryBytes: null });
  });

  test('nothing where it may not be asked at all, which is no failure either', async () => {
    const { url } = await start('--user', 'app', 'on', '>only-rows', '~*', '+mget', '+select');
    expect(await inspect({ url, username: 'app', password: 'only-rows' })).toMatchObject({
      server: { name: 'redis', version: null },
      findings: [{ code: 'SETTINGS_UNKNOWN' }],
    });
  });
});

describe('asking a server of itself', () => {
  test('fails where there is none, and ends at the deadline or when it is called off', async () => {
    const server = await RedisServer.prepare();
    servers.push(server);
    await expect(inspect({ url: server.url })).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE' });
    await server.run();
    const store = await open({ url: server.url });
    server.pause();
    const startedMs = now();
    const late = store.inspect!({ signal: new AbortController().signal, deadlineMs: startedMs + 100 });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const stop = new AbortController();
    const stopped = store.inspect!({ signal: stop.signal, deadlineMs: now() + 60_000 });
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(now() - startedMs).toBeLessThan(1500);
    server.resume();
  });
});

describe('rows of a server of the Redis family', () => {
  let server: RedisServer;
  let raw: Redis;
  beforeAll(async () => {
    server = await start();
    raw = new Redis({ port: server.port });
  });
  afterAll(() => raw.disconnect());

  test('as values take what their texts take, and more of the memory; what is gone is not counted', async () => {
    const store = await open({ url: server.url });
    await writeRows(store, { key: 'a', values: { n: 1 } }, { key: 'Zürich', values: { n: 23 } });
    const bytes = await store.rowBytes!('plane', ['a', 'nobody', 'Zürich'], asked());
    expect(bytes).toEqual({ rows: 2, keyBytes: 28, valueBytes: 15, memoryBytes: expect.any(Number) });
    expect(bytes.memoryBytes!).toBe(
      Number(await raw.memory('USAGE', 'nyc:plane:a')) + Number(await raw.memory('USAGE', 'nyc:plane:Zürich')),
    );
  });

  test('as hashes take the names and the values of their fields, and of the time that all have', async () => {
    const store = await open({ url: server.url, encoding: 'hash', database: 1 });
    const keys = Array.from({ length: 250 }, (_, at) => `k${at}`);
    await writeRows(store, ...keys.map((key) => ({ key, values: { seats: 150 } })));
    expect(await store.rowBytes!('plane', keys, asked())).toMatchObject({
      rows: 250,
      valueBytes: 250 * ('seats150'.length + '_ts'.length),
    });
  });

  test('that are something else are left out', async () => {
    const store = await open({ url: server.url, database: 2 });
    await writeRows(store, { key: 'a', values: { n: 1 } });
    await raw.select(2);
    await raw.rpush('nyc:plane:list', 'x');
    expect(await store.rowBytes!('plane', ['a', 'list'], asked())).toMatchObject({ rows: 1, valueBytes: 7 });
  });
});

/** What other servers of the family were seen to say, as far as it is read here. */
const OTHERS: Readonly<Record<string, string>> = {
  dragonfly:
    '# Server\r\ndragonfly_version:df-v1.27.1\r\nredis_version:7.4.0\r\n# Memory\r\nused_memory:1000\r\n' +
    'maxmemory:2000\r\nmaxmemory_policy:eviction\r\n# Replication\r\nrole:master\r\n',
  valkey:
    '# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n# Memory\r\nused_memory:1000\r\n' +
    'maxmemory:2000\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\naof_enabled:1\r\n# Replication\r\nrole:master\r\n',
};

/** Answers INFO with a text, and CONFIG with an empty list, as a server that has no such setting. */
async function answering(info: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('data', (bytes: Buffer) => {
      for (const [, command] of bytes.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const isInfo = command.toLowerCase() === 'info';
        socket.write(isInfo ? `$${Buffer.byteLength(info)}\r\n${info}\r\n` : '*0\r\n');
      }
    });
    socket.on('error', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('servers that speak as Redis does', () => {
  test.each([
    ['dragonfly', 'df-v1.27.1', ['EVICTION', 'SETTINGS_UNKNOWN']],
    ['valkey', '8.0.1', ['SETTINGS_UNKNOWN']],
  ])('%s is known by its own name', async (name, version, codes) => {
    const server = await answering(OTHERS[name]);
    const inspected = await inspect({ url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect(inspected.server).toEqual({ name, version });
    expect(codesOf(inspected)).toEqual(codes);
    server.close();
  });
});
