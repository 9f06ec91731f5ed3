import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { App } from '../../orchestrator/app.ts';
import { sendJson, TestServer } from '../orchestrator/features/service/wire.ts';
import { ask } from './ask.ts';
import { projectFolder, serveProject } from './serve-project.ts';

interface Variant {
  onError?: string;
  ttl?: string;
  timeout?: string;
}

const yamlOf = (url: string, { onError = 'default', ttl = '1h', timeout = '100ms' }: Variant = {}): string => `
version: 1
project: p
inputs: { instance: { product: string } }
stores: { online: { type: lmdb } }
services: { prices: { url: '${url}', timeout: ${timeout} } }
views:
  price:
    service: prices
    key: { product: instance.product }
    get: '/{product}'
    fields: { amount: double }
    onError: ${onError}
    cache: { ttl: ${ttl} }
  stock: { store: online, key: { product: instance.product }, fields: { left: int64 }, cache: { ttl: 1h } }
models: { m: { deadline: 10s, features: [price.amount, stock.left], wrapper: { predictor: ./predictor.ts } } }
server: { http: { port: 0 }, admin: { port: 0 } }
`;

let cleanUp: AsyncDisposableStack;
let server: TestServer;
let folder: string;
let app: App;

beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  server = cleanUp.use(await TestServer.open((_, response) => sendJson(response, { amount: 5 })));
  folder = cleanUp.use(await projectFolder({ 'tandem.yaml': yamlOf(server.url) })).folder;
  ({ app } = await serveProject(folder));
  cleanUp.defer(() => app.drain());
});
afterEach(() => cleanUp.disposeAsync());

async function reload(variant: Variant): Promise<string> {
  await writeFile(join(folder, 'tandem.yaml'), yamlOf(server.url, variant));
  return (await app.reload()).result;
}

/** Where the two views’ values came from. */
async function sources(): Promise<unknown[]> {
  const asked = { path: '/v1/models/m:features', body: { instances: [{ product: 'a' }] } };
  const { json } = await ask(app.listening.http, asked);
  return (json['features'] as { sources: string[] }[]).map(({ sources: [source] }) => source);
}

/** `KIND open/opened` of what the metrics say is connected to. */
async function connections(): Promise<string[]> {
  const { text } = await ask(app.listening.admin, { path: '/metrics' });
  const valuesOf = (name: string): [string, string][] =>
    Array.from(text.matchAll(new RegExp(`^${name}\\{kind="(\\w+)"\\} (\\d+)$`, 'gm')), ([, kind, value]) => [
      kind,
      value,
    ]);
  const opened = new Map(valuesOf('tandem_connections_opened_total'));
  return valuesOf('tandem_connections_open').map(([kind, open]) => `${kind} ${open}/${opened.get(kind)}`);
}

const UNTOUCHED = ['store 1/1', 'service 1/1', 'model 1/1'];

it('a reload that touches neither store, service nor cache leaves them open and warm', async () => {
  // A key that no store row has is remembered by the cache too.
  expect(await sources()).toEqual(['service', 'none']);
  expect(await connections()).toEqual(UNTOUCHED);
  const { stores, services, caches } = app.deployment;
  expect(await reload({ onError: 'null' })).toBe('applied');
  expect([...app.deployment.stores.values()]).toEqual([...stores.values()]);
  expect(app.deployment.services.get('prices')).toBe(services.get('prices'));
  expect(app.deployment.caches.get('price')).toBe(caches.get('price'));
  expect(app.deployment.caches.get('stock')).toBe(caches.get('stock'));
  expect(await sources()).toEqual(['cache', 'none']);
  expect(app.deployment.caches.get('stock')!.counters).toMatchObject({ hits: 1, negativeHits: 1 });
  expect(server.seen).toHaveLength(1);
  expect(await connections()).toEqual(UNTOUCHED);
});

it('a reload of one view’s cache opens that one anew, and of a service the caches that read it', async () => {
  await sources();
  const { caches } = app.deployment;
  const [price, stock] = [caches.get('price'), caches.get('stock')];
  expect(await reload({ ttl: '2h' })).toBe('applied');
  expect(app.deployment.caches.get('price')).not.toBe(price);
  expect(app.deployment.caches.get('stock')).toBe(stock);
  expect(await sources()).toEqual(['service', 'none']);
  expect(await connections()).toEqual(UNTOUCHED);

  expect(await reload({ ttl: '2h', timeout: '90ms' })).toBe('applied');
  expect(app.deployment.caches.get('stock')).toBe(stock);
  expect(await sources()).toEqual(['service', 'none']);
  expect(await connections()).toEqual(['store 1/1', 'service 1/2', 'model 1/1']);
});
