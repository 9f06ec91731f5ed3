import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../orchestrator/app.ts';
import { ask, type Told } from './ask.ts';
import { PREDICTOR, FIRST, yamlOf } from './reloading-project.ts';
import { projectFolder, serveProject, wrapProject, type LogLine } from './serve-project.ts';

let cleanUp: AsyncDisposableStack;
let folder: string;
let app: App;
let log: LogLine[];

beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  folder = cleanUp.use(await projectFolder({ 'tandem.yaml': yamlOf(FIRST), 'predictor.js': PREDICTOR })).folder;
  ({ app, log } = await serveProject(folder));
  cleanUp.defer(() => app.drain());
});
afterEach(() => cleanUp.disposeAsync());

async function save(yaml: string): Promise<Told> {
  await writeFile(join(folder, 'tandem.yaml'), yaml);
  return ask(app.listening.admin, { path: '/reload', method: 'POST' });
}

const health = async (): Promise<unknown> => (await ask(app.listening.admin, { path: '/health' })).json['revision'];
const features = (): Promise<Told> =>
  ask(app.listening.http, { path: '/v1/models/m:features', body: { instances: [{ id: 'Z', a: 1, b: 2 }] } });
const series = async (name: string): Promise<string[]> => {
  const { text } = await ask(app.listening.admin, { path: '/metrics' });
  return text.split('\n').filter((line) => line.startsWith(name));
};

describe('a reload', () => {
  it('is answered with the revision that runs then, and what is different', async () => {
    const before = await health();
    const told = await save(yamlOf({ ...FIRST, stamp: 2, hasStore: true }));
    expect(told.status).toBe(200);
    expect(told.json).toEqual({
      revision: await health(),
      result: 'applied',
      changes: ['+stores.second', '+views.late', '~onDemand.stamp', '~models.m'],
      nextStart: [],
    });
    expect(await health()).not.toBe(before);
    expect(log.find(({ msg }) => msg === 'reloaded')).toMatchObject({ revision: told.json['revision'] });
    expect((await features()).json['features']).toMatchObject([
      { name: 'late.y', values: [5] },
      { name: 'instance.a', values: [1] },
      { name: 'plane.seats' },
      { name: 'stamp', values: [2] },
    ]);
  });

  it('of a bad file names every problem, and the revision before runs on', async () => {
    const before = await health();
    const told = await save(yamlOf(FIRST).replace('plane.seats', 'plain.seats').replace('limits:', 'limit:'));
    expect(told.status).toBe(400);
    expect(told.json).toMatchObject({
      code: 'INVALID_INPUT',
      error: `The configuration was not taken; revision ${String(before)} runs on.`,
    });
    const details = told.json['details'] as { field: string; problem: string }[];
    expect(details.map(({ problem }) => problem).join('\n')).toMatch(/`plain\.seats`[^]*`limit`/);
    for (const { field } of details) expect(field).toMatch(/^tandem\.yaml:\d+:\d+$/);
    expect([await health(), (await features()).status]).toEqual([before, 200]);
    expect(log.some(({ msg }) => msg.includes('was not taken'))).toBe(true);
  });

  it('whose store cannot be opened changes nothing and leaves nothing open', async () => {
    const before = [await health(), await series('tandem_connections_open{')];
    await mkdir(join(folder, '.tandem'), { recursive: true });
    await writeFile(join(folder, '.tandem/second'), 'no database');
    const told = await save(yamlOf({ ...FIRST, hasStore: true }));
    expect([told.status, told.json['details']]).toEqual([
      400,
      [{ field: 'tandem.yaml:4:35', problem: 'INTERNAL The store "second" cannot be opened.' }],
    ]);
    expect([await health(), await series('tandem_connections_open{')]).toEqual(before);
    await rm(join(folder, '.tandem/second'));
    expect((await save(yamlOf({ ...FIRST, hasStore: true }))).status).toBe(200);
  });

  it('counts by result, shows the revision as a metric, and goes on with the other counts', async () => {
    await features();
    await save(yamlOf({ ...FIRST, seatsDefault: 7 }));
    await save(yamlOf({ ...FIRST, seatsDefault: 7 }));
    await save('models: [');
    await features();
    expect((await series('tandem_reloads_total')).sort()).toEqual([
      'tandem_reloads_total{result="applied"} 1',
      'tandem_reloads_total{result="refused"} 1',
      'tandem_reloads_total{result="unchanged"} 1',
    ]);
    expect(await series('tandem_config_info')).toEqual([`tandem_config_info{revision="${String(await health())}"} 1`]);
    expect(await series('tandem_view_values_total')).toEqual([
      expect.stringMatching(/view="plane",status="NOT_FOUND",source="default"\} 2$/) as string,
    ]);
    expect((await series('tandem_connections_opened_total')).sort()).toEqual([
      'tandem_connections_opened_total{kind="model"} 1',
      'tandem_connections_opened_total{kind="store"} 1',
    ]);
  });

  it('makes limits and the log level live, and says which keys wait for the next start', async () => {
    const yaml = yamlOf({ ...FIRST, instances: 1 }).replace(
      'http: { port: 0 }',
      'http: { port: 1 }, drain: { delay: 1ms }',
    );
    const told = await save(`${yaml}telemetry: { logs: { level: warn } }\n`);
    expect(told.json['nextStart']).toEqual(['server.http']);
    expect(log.find(({ msg }) => msg === 'these keys take effect at the next start')).toMatchObject({
      keys: ['server.http'],
    });
    const instances = [
      { id: 'A', a: 1, b: 1 },
      { id: 'B', a: 1, b: 1 },
    ];
    const asked = await ask(app.listening.http, { path: '/v1/models/m:features', body: { instances } });
    expect(asked.json['code']).toBe('PAYLOAD_TOO_LARGE');
  });

  it('to a new admin token asks for it from then on', async () => {
    const token = 'the-new-token-of-the-operator';
    const yaml = yamlOf(FIRST).replace('admin: { port: 0 }', `admin: { port: 0, token: '${token}' }`);
    expect((await save(yaml)).status).toBe(200);
    expect((await ask(app.listening.admin, { path: '/plan' })).status).toBe(401);
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask(app.listening.admin, { path: '/plan', headers })).status).toBe(200);
  });

  it('whose model the wrapper refuses says the reason, and the model before answers on', async () => {
    const picky = `export default class Picky {
      load() { if (globalThis.loads++ > 0) throw new Error('no room for another'); }
      predict({ rows }) { return new Float64Array(rows); }
    }
    globalThis.loads ??= 0;`;
    await writeFile(join(folder, 'predictor.js'), picky);
    const wrapper = await wrapProject(folder);
    cleanUp.defer(() => wrapper.kill());
    await app.ready;
    const told = await save(yamlOf({ ...FIRST, hasInput: true }));
    expect([told.status, told.json['code']]).toEqual([503, 'NOT_READY']);
    expect(told.json['details']).toEqual([
      {
        field: expect.stringMatching(/^tandem\.yaml:\d+:\d+$/) as string,
        problem: 'NOT_READY `load` of predictor.js failed: no room for another.',
      },
    ]);
    const body = { instances: [{ id: 'A', a: 1, b: 1 }] };
    expect((await ask(app.listening.http, { path: '/v1/models/m:predict', body })).json).toMatchObject({
      predictions: [0],
    });
  });

  it('is shared by those who ask for it while one waits for its turn', async () => {
    await writeFile(join(folder, 'tandem.yaml'), yamlOf({ ...FIRST, stamp: 9 }));
    const asked = Array.from({ length: 10 }, () => app.reload());
    const results = await Promise.all(asked);
    expect(new Set(results.map(({ revision }) => revision)).size).toBe(1);
    const told = await series('tandem_reloads_total');
    expect(told.find((line) => line.includes('"applied"'))).toBe('tandem_reloads_total{result="applied"} 1');
    expect(told.find((line) => line.includes('"unchanged"'))).toBe('tandem_reloads_total{result="unchanged"} 0');
  });
});
