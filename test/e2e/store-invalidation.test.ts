import { Redis } from 'iovalkey';
import { expect, test } from 'vitest';
import { RedisServer } from '../servers/redis.ts';
import { projectFolder, serveProject } from './serve-project.ts';

const yamlOf = (url: string): string => `
version: 1
project: shop
inputs: { instance: { id: string } }
stores: { online: { type: redis, url: '${url}', timeout: 5s, invalidation: true } }
views:
  product:
    store: online
    key: { id: instance.id }
    fields: { stock: int64 }
    cache: { ttl: 1h, staleIfError: 24h }
models: { m: { features: [product.stock] } }
`;

interface Told {
  values: (number | null)[];
  statuses: string[];
  sources: string[];
}

test('a row that is cached for an hour is the new one as soon as another process has written it', async () => {
  const redis = await RedisServer.start();
  await using project = await projectFolder({ 'tandem.yaml': yamlOf(redis.url) });
  const { app } = await serveProject(project.folder);
  const other = new Redis(redis.url);
  const ask = async (): Promise<Told> => {
    const response = await fetch(`http://${app.listening.http}/v1/models/m:features`, {
      method: 'POST',
      body: '{"instances":[{"id":"a"}]}',
    });
    return ((await response.json()) as { features: Told[] }).features[0];
  };
  const stock = (value: number, source: string) => ({ values: [value], statuses: ['PRESENT'], sources: [source] });

  await other.set('shop:product:a', '{"stock":1}');
  // Tracking begins a moment after the start, with all rows fetched anew.
  await expect.poll(ask).toMatchObject(stock(1, 'cache'));
  for (let value = 2; value < 12; value++) {
    await other.set('shop:product:a', `{"stock":${value}}`);
    await expect.poll(ask, { interval: 1 }).toMatchObject(stock(value, 'store'));
    expect(await ask()).toMatchObject(stock(value, 'cache'));
  }

  // Whoever hears goes away, the row changes unheard, and is fetched anew when there is somebody who hears again.
  await other.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await other.set('shop:product:a', '{"stock":20}');
  await expect.poll(ask, { interval: 1 }).toMatchObject(stock(20, 'store'));

  await redis.kill();
  await expect.poll(ask).toMatchObject({ values: [20], statuses: ['ERROR'], sources: ['stale'] });
  other.disconnect();
  await app.drain();
  await redis.stop();
});
