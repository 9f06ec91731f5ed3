import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { sendJson, TestServer } from '../orchestrator/features/service/wire.ts';
import { ask, type Told } from './ask.ts';
import { projectFolder, serveProject, wrapProject } from './serve-project.ts';

const PREDICTOR = 'export default class M { predict({ rows }) { return Array.from({ length: rows }, () => 1); } }';

interface Project {
  url: string;
  model?: string;
  cache?: string;
  features?: string;
}

const yamlOf = ({ url, model = '', cache = '', features = '[price.amount]' }: Project): string => `version: 1
project: p
inputs: { instance: { product: string } }
services: { prices: { url: '${url}', timeout: 5s } }
views:
  price: { service: prices, key: { product: instance.product }, get: '/{product}', fields: { amount: double }, cache: { ttl: 1h${cache} } }
models:
  m: { deadline: 10s, features: ${features}, wrapper: { predictor: ./predictor.ts }${model} }
`;
const WARM = { model: ', warmup: { requests: warm.jsonl, timeout: 20s }' };
const body = (product: string): string => `${JSON.stringify({ instances: [{ product }] })}\n`;

/** A service of prices whose answers wait until they are let go. */
async function pricesService() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = await TestServer.open((_, response) => void promise.then(() => sendJson(response, { amount: 5 })));
  return { server, letGo: resolve };
}

interface Served extends AsyncDisposable {
  folder: string;
  app: Awaited<ReturnType<typeof serveProject>>['app'];
  log: Awaited<ReturnType<typeof serveProject>>['log'];
  ready(): Promise<Told>;
  metric(line: string): Promise<string | undefined>;
}

async function serve(yaml: string, files: Record<string, string>): Promise<Served> {
  const cleanUp = new AsyncDisposableStack();
  try {
    const { folder } = cleanUp.use(await projectFolder({ 'tandem.yaml': yaml, 'predictor.ts': PREDICTOR, ...files }));
    const { app, log } = await serveProject(folder);
    cleanUp.defer(() => app.drain());
    const wrapper = await wrapProject(folder);
    cleanUp.defer(() => wrapper.kill());
    return {
      folder,
      app,
      log,
      ready: () => ask(app.listening.http, { path: '/v2/health/ready' }),
      async metric(line) {
        const { text } = await ask(app.listening.admin, { path: '/metrics' });
        return text
          .split('\n')
          .find((each) => each.startsWith(line))
          ?.split(' ')
          .at(-1);
      },
      [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
    };
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
}

const sourcesOf = async ({ app }: Served, product: string): Promise<unknown> => {
  const asked = { path: '/v1/models/m:features', body: { instances: [{ product }] } };
  const { json } = await ask(app.listening.http, asked);
  return (json['features'] as { sources: string[] }[])[0].sources;
};

describe('requests for a warm-up', () => {
  test('are answered before the process is ready, which then has what they read', async () => {
    const prices = await pricesService();
    await using server = prices.server;
    await using served = await serve(yamlOf({ url: server.url, ...WARM }), {
      'warm.jsonl': `${body('a')}\n${body('b')}`,
    });
    await vi.waitFor(() => expect(server.seen).toHaveLength(1), 10_000);
    expect(await served.ready()).toMatchObject({
      status: 503,
      json: { code: 'NOT_READY', error: 'The model "m" is being warmed up.' },
    });
    prices.letGo();
    await served.app.ready;
    expect((await served.ready()).status).toBe(200);
    expect(await served.metric('tandem_warmup_requests_total{model="m",result="answered"}')).toBe('2');
    expect(await sourcesOf(served, 'b')).toEqual(['cache']);
    expect(server.seen).toHaveLength(2);
  });

  test('that fail are told and counted, and keep nothing from being ready', async () => {
    await using server = await TestServer.open((_, response) => sendJson(response, { amount: 5 }));
    const wrong = `${JSON.stringify({ instances: [{ produkt: 'a' }] })}\n`;
    await using served = await serve(yamlOf({ url: server.url, ...WARM }), { 'warm.jsonl': wrong + body('b') });
    await served.app.ready;
    expect((await served.ready()).status).toBe(200);
    expect(await served.metric('tandem_warmup_requests_total{model="m",result="failed"}')).toBe('1');
    expect(served.log.filter(({ msg }) => msg.includes('warm'))).toMatchObject([
      {
        msg: 'a warm-up request failed',
        model: 'm',
        line: 1,
        problem: expect.stringMatching(/^INVALID_INPUT .*product/),
      },
      { msg: 'the model is warmed up', answered: 1, failed: 1, left: 0 },
    ]);
  });

  test('that take longer than their time are left', async () => {
    const prices = await pricesService();
    await using server = prices.server;
    const model = ', warmup: { requests: warm.jsonl, timeout: 100ms }';
    await using served = await serve(yamlOf({ url: server.url, model }), { 'warm.jsonl': body('a') + body('b') });
    await served.app.ready;
    expect((await served.ready()).status).toBe(200);
    expect(served.log.findLast(({ msg }) => msg.includes('warm'))?.['left']).toBeGreaterThan(0);
    prices.letGo();
  });

  test('are not sent again by a reload that leaves the model loaded, and are before a new one takes over', async () => {
    await using server = await TestServer.open((_, response) => sendJson(response, { amount: 5 }));
    const project = { url: server.url, ...WARM };
    await using served = await serve(yamlOf(project), { 'warm.jsonl': body('a') });
    await served.app.ready;
    const reload = async (yaml: string): Promise<string> => {
      await writeFile(join(served.folder, 'tandem.yaml'), yaml);
      return (await served.app.reload()).result;
    };
    const answered = () => served.metric('tandem_warmup_requests_total{model="m",result="answered"}');
    expect(await reload(yamlOf(project).replace('deadline: 10s', 'deadline: 9s'))).toBe('applied');
    expect(await answered()).toBe('1');
    const renamed = '[{ name: paid, from: price.amount }]';
    expect(await reload(yamlOf({ ...project, features: renamed }))).toBe('applied');
    expect(await answered()).toBe('2');
    expect((await served.ready()).status).toBe(200);

    expect(await reload(yamlOf({ ...project, model: ', warmup: { requests: gone.jsonl }' }))).toBe('refused');
    expect((await served.ready()).status).toBe(200);
  });
});

test('rows that are kept warm are there before the process is ready, and stay so over a reload of their list', async () => {
  const prices = await pricesService();
  await using server = prices.server;
  const project = { url: server.url, cache: ', warm: keys.jsonl' };
  await using served = await serve(yamlOf(project), { 'keys.jsonl': '{"product":"a"}\n{"product":"b|c"}\n' });
  await vi.waitFor(() => expect(server.seen).toHaveLength(2), 10_000);
  await vi.waitFor(async () =>
    expect((await served.ready()).json).toMatchObject({ error: 'Rows of caches are being read.' }),
  );
  prices.letGo();
  await served.app.ready;
  expect(await sourcesOf(served, 'b|c')).toEqual(['cache']);
  const cache = served.app.deployment.caches.get('price');
  await writeFile(join(served.folder, 'more.jsonl'), '{"product":"d"}');
  await writeFile(join(served.folder, 'tandem.yaml'), yamlOf({ ...project, cache: ', warm: more.jsonl' }));
  expect((await served.app.reload()).result).toBe('applied');
  expect(served.app.deployment.caches.get('price')).toBe(cache);
  expect(await sourcesOf(served, 'a')).toEqual(['cache']);
  await vi.waitFor(async () => expect(await sourcesOf(served, 'd')).toEqual(['cache']));
});

test.each([
  [WARM, {}, 'models.m.warmup.requests: "warm.jsonl" cannot be read (ENOENT)'],
  [WARM, { 'warm.jsonl': `${body('a')}[]` }, 'models.m.warmup.requests: line 2 of "warm.jsonl" is no JSON object'],
  [
    WARM,
    { 'warm.jsonl': '{}' },
    'models.m.warmup.requests: line 1 of "warm.jsonl": instances is required: a list of objects.',
  ],
  [{ model: ', warmup: { requests: . }' }, {}, 'models.m.warmup.requests: "." is no file'],
  [
    { cache: ', warm: keys.jsonl' },
    { 'keys.jsonl': '{"product":1}' },
    'views.price.cache.warm: line 1 of "keys.jsonl": its key must have product (string)',
  ],
])('a file that cannot be used is a problem of the start: %j %j', async (project, files, message) => {
  await using folder = await projectFolder({
    'tandem.yaml': yamlOf({ url: 'http://127.0.0.1:1', ...project }),
    ...files,
  });
  await expect(serveProject(folder.folder)).rejects.toMatchObject({ code: 'INVALID_INPUT', message });
});
