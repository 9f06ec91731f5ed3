import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { projectFolder, serveProject, wrapProject } from './serve-project.ts';

const YAML = `version: 1
project: p
inputs: { instance: { id: string, price: double } }
stores: { online: { type: lmdb } }
views:
  shop: { store: online, key: { id: instance.id }, fields: { rent: double }, defaults: { rent: 7 } }
models:
  m: { features: [instance.price, shop.rent], wrapper: { predictor: ./predictor.ts } }
`;
const PREDICTOR = `export default class Sum {
  async load() {}
  predict(request) { return request.column('shop.rent'); }
}
`;

test('a view that an operator switched off gives its default at once, told, until it is switched on', async () => {
  await using project = await projectFolder({ 'tandem.yaml': YAML, 'predictor.ts': PREDICTOR });
  const { app, log } = await serveProject(project.folder);
  const wrapper = await wrapProject(project.folder);
  await app.ready;
  const predict = () =>
    ask(app.listening.http, {
      path: '/v1/models/m:predict',
      method: 'POST',
      body: JSON.stringify({ instances: [{ id: 'a', price: 1 }] }),
    });
  const disable = (time: string) =>
    ask(app.listening.admin, { path: `/v1/views/shop:disable?for=${time}`, method: 'POST' });
  try {
    expect((await predict()).json).toMatchObject({
      degraded: [{ view: 'shop', status: 'NOT_FOUND', source: 'default' }],
    });
    expect((await disable('15m')).status).toBe(200);
    const off = await predict();
    expect(off.json).toEqual({
      predictions: [7],
      degraded: [{ view: 'shop', status: 'ERROR', source: 'default', count: 1 }],
    });
    expect(off.headers['x-tandem-degraded']).toBe('shop=error');
    const health = (await ask(app.listening.admin, { path: '/health' })).json as { disabledViews: object };
    expect(Object.keys(health.disabledViews)).toEqual(['shop']);
    expect((await ask(app.listening.admin, { path: '/metrics' })).text).toContain(
      'tandem_view_disabled{view="shop"} 1',
    );
    await disable('0s');
    expect((await predict()).headers['x-tandem-degraded']).toBeUndefined();
    expect(log.filter(({ msg }) => msg === 'a view could not be read')).toEqual([]);
  } finally {
    await app.drain();
    await wrapper.kill();
  }
});
