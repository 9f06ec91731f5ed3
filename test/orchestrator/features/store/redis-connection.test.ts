import { readFile } from 'node:fs/promises';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REDIS_COMMANDS } from '../../../../orchestrator/features/store/redis-commands.ts';
import { RedisServer } from '../../../servers/redis.ts';
import { listen } from './redis-monitor.ts';
import { fetchNumbers, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

const here = (path: string): string => new URL(path, import.meta.url).pathname;
const CERTIFICATE = here('../service/localhost-cert.pem');
const KEY = here('../service/localhost-key.pem');

describe('a server that asks who comes', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start(
      '--requirepass',
      'p@ss/word',
      '--user',
      'reader',
      'on',
      '>only read',
      '~*',
      '+@all',
    );
  });
  afterAll(() => server.stop());

  test.each([
    ['its password', () => ({ url: server.url, password: 'p@ss/word' })],
    ['its password in the URL', () => ({ url: `redis://:p%40ss%2Fword@127.0.0.1:${server.port}/3` })],
    ['a user', () => ({ url: server.url, username: 'reader', password: 'only read' })],
    ['a socket', () => ({ url: `unix:${server.socket}`, password: 'p@ss/word', database: 4 })],
  ])('lets in who has %s', async (_name, login) => {
    const store = await openTestStore(login());
    await writeRows(store, { key: 'a', values: { n: 1 } });
    expect([...(await fetchNumbers(store, ['a'])).values[0]]).toEqual([1]);
    await store.close();
  });

  test.each([
    ['a wrong password', { password: 'secret-but-wrong' }],
    ['no password', {}],
  ])('turns away who has %s: the store opens, and its fetches say so without telling secrets', async (_name, login) => {
    const store = await openTestStore({ url: server.url, ...login });
    const failure = await fetchNumbers(store, ['a']).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: 'FEATURE_UNAVAILABLE', message: 'The store "online" cannot be reached.' });
    expect((failure as Error).cause).toMatchObject({ message: expect.stringMatching(/WRONGPASS|NOAUTH/) });
    await store.close();
  });

  test('is sent no command beyond those that are told', async () => {
    const admin = new Redis({ port: server.port, password: 'p@ss/word' });
    const tellSent = await listen([admin]);
    const { signal } = new AbortController();
    for (const [encoding, expiry] of [
      ['json', { expiryMs: 60_000 }],
      ['hash', { expiryMs: 60_000 }],
      ['hash', {}],
    ] as const) {
      const login = { url: server.url, password: 'p@ss/word', database: 5, ...expiry };
      const store = await openTestStore({ ...login, encoding, invalidation: true });
      await new Promise<void>((tracking) => {
        store.watch!('plane', { onChanged: () => undefined, onLost: tracking });
      });
      await writeRows(store, { key: encoding, values: { n: 1, more: 1 } });
      await fetchNumbers(store, [encoding, 'nobody']);
      await store.isEmpty('plane');
      await store
        .sink('plane', { newest: true })
        .write([{ key: encoding, values: { n: 2 }, timestampMs: 0 }], { signal });
      const asked = { signal: new AbortController().signal, deadlineMs: Infinity };
      await store.inspect?.(asked);
      await store.rowBytes?.('plane', [encoding], asked);
      await store.close();
    }
    const sent = await tellSent();
    // A monitor is not shown what is an administrator's.
    for (const [, command] of (await admin.info('commandstats')).matchAll(/^cmdstat_(config)\|get:/gm))
      sent.add(command);
    expect([...sent].toSorted()).toEqual(Object.keys(REDIS_COMMANDS).toSorted());
    admin.disconnect();
  });
});

describe('a server with TLS', () => {
  let server: RedisServer;
  let url: string;
  beforeAll(async () => {
    const files = ['--tls-cert-file', CERTIFICATE, '--tls-key-file', KEY, '--tls-ca-cert-file', CERTIFICATE];
    server = await RedisServer.startTls(...files, '--tls-auth-clients', 'optional');
    url = `rediss://localhost:${server.port}`;
  });
  afterAll(() => server.stop());

  test('is read where its authority is trusted, by a client that shows a certificate too', async () => {
    const [certificate, key] = await Promise.all([readFile(CERTIFICATE, 'utf8'), readFile(KEY, 'utf8')]);
    const store = await openTestStore({ url, tls: { authority: certificate, certificate, key } });
    await writeRows(store, { key: 'a', values: { n: 1 } });
    expect([...(await fetchNumbers(store, ['a'])).values[0]]).toEqual([1]);
    await store.close();
  });

  test('is not read where it is not trusted, or has another name', async () => {
    const authority = await readFile(CERTIFICATE, 'utf8');
    for (const tls of [undefined, { authority, serverName: 'elsewhere.example' }]) {
      const store = await openTestStore({ url, ...(tls ? { tls } : {}) });
      await expect(fetchNumbers(store, ['a'])).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE' });
      await store.close();
    }
  });
});
