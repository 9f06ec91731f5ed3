import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RedisServer } from '../servers/redis.ts';
import { projectFolder, serveProject, wrapProject } from './serve-project.ts';

const yamlOf = (url: string, requires: string): string => `
version: 1
project: shop
inputs: { instance: { id: string } }
stores: { online: { type: redis, url: '${url}', timeout: 1s } }
views: { product: { store: online, key: { id: instance.id }, fields: { stock: int64 }, defaults: { stock: 7 } } }
models: { m: { features: [product.stock], wrapper: { predictor: ./predictor.ts } } }
server: { readiness: { requires: [${requires}] } }
`;

async function get(address: string, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://${address}${path}`);
  return { status: response.status, text: await response.text() };
}

test('a store that is down at the start stops nothing, is told, and is found by itself', async () => {
  const redis = await RedisServer.prepare();
  await using project = await projectFolder({ 'tandem.yaml': yamlOf(redis.url, '') });
  const { app, log } = await serveProject(project.folder);
  const features = async (): Promise<unknown> => {
    const response = await fetch(`http://${app.listening.http}/v1/models/m:features`, {
      method: 'POST',
      body: '{"instances":[{"id":"a"}]}',
    });
    const [feature] = ((await response.json()) as { features: Record<string, unknown>[] }).features;
    return feature;
  };
  expect(log).toContainEqual(expect.objectContaining({ store: 'online', level: 40 }));
  expect(await features()).toMatchObject({ values: [7], statuses: ['ERROR'], sources: ['default'] });
  expect((await get(app.listening.admin, '/metrics')).text).toContain('tandem_store_up{store="online"} 0');
  await redis.run();
  const store = app.deployment.stores.get('online')!;
  await expect.poll(() => store.isReachable, { timeout: 5000 }).toBe(true);
  await store
    .sink('product')
    .write([{ key: 'a', values: { stock: 3 }, timestampMs: 1 }], { signal: new AbortController().signal });
  expect(await features()).toMatchObject({ values: [3], statuses: ['PRESENT'], sources: ['store'] });
  const { text } = await get(app.listening.admin, '/metrics');
  for (const line of [
    'tandem_store_up{store="online"} 1',
    'tandem_view_rows_total{view="product",result="found"} 1',
    'tandem_view_row_age_seconds_count{view="product"} 1',
    'tandem_view_newest_row_timestamp_seconds{view="product"} 0.001',
  ])
    expect(text).toContain(line);
  await app.drain();
  await redis.stop();
});

test('readiness depends on a store that it requires, and only on that', async () => {
  const redis = await RedisServer.start();
  await using project = await projectFolder({
    'tandem.yaml': yamlOf(redis.url, 'online'),
    'predictor.ts': 'export default class { predict({ rows }) { return new Float64Array(rows); } }',
  });
  const wrapper = await wrapProject(project.folder);
  const { app } = await serveProject(project.folder);
  await app.ready;
  const ready = (): Promise<{ status: number; text: string }> => get(app.listening.http, '/v2/health/ready');
  expect((await ready()).status).toBe(200);
  await redis.kill();
  await expect.poll(async () => (await ready()).text).toContain('The store \\"online\\" cannot be reached.');
  await redis.run();
  await expect.poll(async () => (await ready()).status, { timeout: 5000 }).toBe(200);
  await redis.kill();
  await expect.poll(async () => (await ready()).status).toBe(503);
  await writeFile(join(project.folder, 'tandem.yaml'), yamlOf(redis.url, ''));
  expect((await app.reload()).result).toBe('applied');
  expect((await ready()).status).toBe(200);
  await app.drain();
  await wrapper.kill();
  await redis.stop();
});
