import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { App } from '../../orchestrator/app.ts';
import { ask, type Told } from './ask.ts';
import { projectFolder, serveProject, type LogLine } from './serve-project.ts';

const TOKEN = 'a-token-of-the-operator';
const YAML = (server: string) => `
version: 1
project: p
inputs: { instance: { tail: string } }
stores: { online: { type: lmdb } }
views: { plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64 }, defaults: { seats: 150 } } }
models: { sum: { features: [plane.seats] } }
server: ${server}
`;
const FEATURES = { path: '/v1/models/sum:features', body: { instances: [{ tail: 'A' }] } };

let cleanUp: AsyncDisposableStack;
beforeEach(() => {
  cleanUp = new AsyncDisposableStack();
});
afterEach(() => cleanUp.disposeAsync());

async function serve(server: string): Promise<{ app: App; log: LogLine[] }> {
  const { folder } = cleanUp.use(await projectFolder({ 'tandem.yaml': YAML(server) }));
  const served = await serveProject(folder);
  cleanUp.defer(() => served.app.drain());
  return served;
}

const front = (app: App, path: string): Promise<Told> => ask(app.listening.http, { path });

/** Holds every gathering of features until `open` is called; `entered(n)` resolves when n calls have come to the gate. */
function gateFeatures(app: App): { entered(calls: number): Promise<unknown>; open(): void } {
  const arrivals = new EventEmitter();
  let calls = 0;
  const gate = Promise.withResolvers<void>();
  const model = app.deployment.models.get('sum')!;
  const { gather } = model;
  model.gather = {
    ...gather,
    async run(frame, options, report) {
      arrivals.emit(String(++calls));
      await gate.promise;
      await gather.run(frame, options, report);
    },
  };
  return { entered: (wanted) => once(arrivals, String(wanted)), open: gate.resolve };
}

describe('an operator', () => {
  it('sees why a pod is not ready, while it is alive and answers features', async () => {
    const { app } = await serve('{}');
    expect(await front(app, '/v2/health/ready')).toMatchObject({
      status: 503,
      json: { code: 'NOT_READY', error: 'The model "sum" is not loaded.', retryable: true },
    });
    expect((await front(app, '/v2/health/live')).json).toEqual({ live: true });
    expect((await ask(app.listening.http, FEATURES)).json).toMatchObject({ features: [{ values: [150] }] });
    const { json } = await ask(app.listening.admin, { path: '/health' });
    expect(json).toEqual({
      ready: false,
      revision: app.deployment.revision,
      disabledViews: {},
      models: [{ name: 'sum', ready: false, version: '', problem: 'The model "sum" is not loaded.' }],
    });
  });

  it('reads the plan and the configuration that run, without the token that guards them', async () => {
    const { app } = await serve(`{ admin: { token: ${TOKEN} } }`);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const plan = await ask(app.listening.admin, { path: '/plan', headers });
    expect(plan.json).toMatchObject({ project: 'p', asOf: 'arrival', models: [{ model: 'sum' }] });
    const config = await ask(app.listening.admin, { path: '/config', headers });
    expect(config.json).toMatchObject({ project: 'p', server: { admin: { token: '[hidden]' } } });
    expect(config.text).not.toContain(TOKEN);
  });

  it('finds metrics by the names of models and views, and never by what a caller wrote', async () => {
    const { app } = await serve('{}');
    await ask(app.listening.http, FEATURES);
    for (const path of ['/v1/models/from-a-url:predict', '/v1/models/from-a-url', '/from-a-url']) {
      await ask(app.listening.http, { path, body: '{' });
      await ask(app.listening.http, { path, body: FEATURES.body });
      await ask(app.listening.http, { path, method: 'DELETE' });
    }
    const { text: metrics, headers } = await ask(app.listening.admin, { path: '/metrics' });
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics).not.toContain('from-a-url');
    expect(metrics).toContain('tandem_requests_total{model="sum",code="OK"} 1');
    expect(metrics).toContain(
      'tandem_view_values_total{model="sum",version="",view="plane",status="NOT_FOUND",source="default"} 1',
    );
    expect(metrics).toContain('tandem_model_ready{model="sum"} 0');
    expect(metrics).toContain('tandem_instances_in_flight 0');
  });

  it('cannot start a second server on a port that is taken', async () => {
    const { app } = await serve('{}');
    const taken = app.listening.admin.split(':')[1];
    const { folder } = cleanUp.use(await projectFolder({ 'tandem.yaml': YAML('{}') }));
    await expect(serveProject(folder, { port: Number(taken) })).rejects.toMatchObject({
      message: `Port ${taken} of 127.0.0.1 is taken; choose another, or 0 for a free one.`,
    });
  });
});

describe('a drain', () => {
  it('is not ready first, answers what is in flight, and then takes nothing more', async () => {
    const { app } = await serve('{ drain: { delay: 150ms } }');
    const gate = gateFeatures(app);
    const inFlight = ask(app.listening.http, FEATURES);
    await gate.entered(1);
    const drained = app.drain();
    expect(await front(app, '/v2/health/ready')).toMatchObject({
      status: 503,
      json: { error: 'The server is draining.' },
    });
    expect((await front(app, '/v2/health/live')).status).toBe(200);
    await vi.waitFor(() => expect(front(app, '/')).rejects.toThrow('ECONNREFUSED'), { interval: 10, timeout: 10_000 });
    gate.open();
    expect(await inFlight).toMatchObject({ status: 200, json: { features: [{ values: [150] }] } });
    await drained;
    await expect(ask(app.listening.admin, { path: '/health' })).rejects.toThrow('ECONNREFUSED');
  });

  it('answers what a caller already sent over a busy connection, and closes it', async () => {
    const { app } = await serve('{}');
    const gate = gateFeatures(app);
    const [host = '', port] = app.listening.http.split(':');
    const socket = connect(Number(port), host);
    const body = JSON.stringify(FEATURES.body);
    const request = `POST ${FEATURES.path} HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    socket.write(request);
    await gate.entered(1);
    const drained = app.drain();
    await vi.waitFor(() => expect(front(app, '/')).rejects.toThrow('ECONNREFUSED'), { interval: 10, timeout: 10_000 });
    socket.write(request);
    await gate.entered(2);
    gate.open();
    const answers = await text(socket);
    expect(answers.match(/HTTP\/1\.1 \d+|connection: close/gi)).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 200',
      'connection: close',
    ]);
    await drained;
  });

  it('ends at its time limit, whatever a call still waits for', async () => {
    const { app } = await serve('{ drain: { timeout: 50ms } }');
    const gate = gateFeatures(app);
    const inFlight = ask(app.listening.http, FEATURES);
    await gate.entered(1);
    await app.drain();
    await expect(front(app, '/')).rejects.toThrow('ECONNREFUSED');
    gate.open();
    await Promise.allSettled([inFlight]);
  });

  it('is one drain however often it is asked for', async () => {
    const { app } = await serve('{}');
    const { json } = await ask(app.listening.admin, { path: '/drain', method: 'POST' });
    expect(json).toEqual({ draining: true });
    await Promise.all([app.drain(), app.drain()]);
    await expect(front(app, '/')).rejects.toThrow('ECONNREFUSED');
  });
});
