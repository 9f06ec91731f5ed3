import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepAuthority } from '../../../../orchestrator/features/store/couchbase-authority.ts';
import { CouchbaseServer } from '../../../servers/couchbase.ts';
import { fetchNumbers, writeRows } from './numbers.ts';
import { openTestStore } from './couchbase-under-test.ts';

const fileOf = (path: string): URL => new URL(path, import.meta.url);

describe('a store of a cluster', () => {
  let server: CouchbaseServer;
  beforeAll(async () => {
    server = await CouchbaseServer.start();
  });
  afterAll(() => server.kill());

  test('has as many connections as it is told, whatever its tables, and none when it is closed', async () => {
    for (const numKvConnections of [1, 3]) {
      const store = await openTestStore({ url: server.url, numKvConnections });
      await writeRows(store, { key: 'a', values: { n: 1 } });
      for (const table of ['a', 'b', 'c']) expect(await store.isEmpty(table)).toBe(true);
      expect(server.clients).toBe(numKvConnections);
      await store.close();
    }
  });

  test('that has no such bucket opens, and its fetches say so without telling secrets', async () => {
    const store = await openTestStore({ url: server.url, bucket: 'nowhere', password: 'secret' });
    const failure = await fetchNumbers(store, ['a']).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: 'FEATURE_UNAVAILABLE', message: 'The store "online" cannot be reached.' });
    expect((failure as Error).cause).toMatchObject({ message: expect.stringContaining('bucket_not_found') });
    expect(JSON.stringify((failure as Error).cause)).not.toContain('secret');
    await store.close();
  });

  // The server under test knows the default collection alone: it is the client that says so of another.
  test('asks for the rows of its own scope and collection', async () => {
    for (const place of [{ scope: 'features' }, { collection: 'rows' }]) {
      const store = await openTestStore({ url: server.url, ...place });
      const failure = await fetchNumbers(store, ['a']).catch((cause: unknown) => cause);
      expect(failure).toMatchObject({ message: 'The store "online" refused the request.' });
      await store.close();
    }
  });

  // The server under test knows no durability: what it is asked for never comes to be.
  test('writes as durably as it is told, or not at all', async () => {
    const store = await openTestStore({ url: server.url, durability: 'majority' });
    await expect(writeRows(store, { key: 'a', values: { n: 2 } })).rejects.toMatchObject({
      code: 'FEATURE_UNAVAILABLE',
    });
    await store.close();
  });
});

/** What a server is told by a client that has been shown its certificate: nothing, or what it holds against it. */
async function greeting(authority: string | undefined): Promise<string> {
  const [cert, key] = await Promise.all(
    ['cert', 'key'].map((part) => readFile(fileOf(`../service/localhost-${part}.pem`), 'utf8')),
  );
  const server = createServer({ cert, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const told = new Promise<string>((resolve) => {
    server.once('secureConnection', (socket) => {
      resolve('trusted');
      socket.destroy();
    });
    server.once('tlsClientError', ({ message }) => resolve(message));
  });
  const { port } = server.address() as AddressInfo;
  const store = await openTestStore({
    url: `couchbases://localhost:${port}`,
    bootstrapTimeoutMs: 500,
    ...(authority === undefined ? {} : { tls: { authority } }),
  });
  const said = await told;
  await store.close();
  server.close();
  return said;
}

describe('TLS', () => {
  test('trusts the authority that is given, and no certificate that it does not know', async () => {
    const authority = await readFile(fileOf('../service/localhost-cert.pem'), 'utf8');
    expect(await greeting(authority)).toBe('trusted');
    expect(await greeting(undefined)).toMatch(/unknown ca/);
  });

  test('has the authority in a file for as long as it is needed', async () => {
    const kept = await keepAuthority('PEM');
    expect(await readFile(kept.path, 'utf8')).toBe('PEM');
    await kept.remove();
    await expect(readFile(kept.path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test('the client, which is optional, is named with its install command where it is absent', async () => {
  const absent = `import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => next(name === 'couchbase' ? 'absent-package' : name, context) });`;
  const library = fileOf('../../../../orchestrator/features/store/couchbase-library.ts').href;
  const script = `import { importCouchbase } from ${JSON.stringify(library)};
    await importCouchbase('online').catch((error) => console.log(error.code, error.message));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    `data:text/javascript,${encodeURIComponent(absent)}`,
    '--input-type=module',
    '-e',
    script,
  ]);
  expect(stdout.trim()).toBe(
    'NOT_READY The store "online" is a Couchbase, whose client is not installed: npm install couchbase',
  );
});
