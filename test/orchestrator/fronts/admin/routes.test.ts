import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAdminRoutes, type AdminOptions } from '../../../../orchestrator/fronts/admin/routes.ts';
import { ask, type Asked, type Told } from '../../../e2e/ask.ts';
import { serveRoutes, type Front } from '../http/serve-front.ts';

const TOKEN = 'a-token-of-the-operator';
let drains = 0;
const switched: [view: string, forMs: number][] = [];
const pushed: [body: string, options: object][] = [];

function serveAdmin(more: Partial<AdminOptions> = {}): Promise<Front> {
  return serveRoutes((server) =>
    addAdminRoutes(server, {
      metrics: () => Promise.resolve({ type: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n' }),
      health: () => ({ ready: true }),
      plan: () => ({ models: [] }),
      config: () => ({ version: 1 }),
      reload: () => Promise.resolve({ revision: 'r2' }),
      drain: () => void drains++,
      views: () => ['weather'],
      disable: (view, forMs) => void switched.push([view, forMs]),
      push(body, options) {
        pushed.push([body, options]);
        return Promise.resolve({ written: 1 });
      },
      token: () => undefined,
      ...more,
    }),
  );
}

let open: Front;
let guarded: Front;
beforeAll(async () => {
  [open, guarded] = await Promise.all([serveAdmin(), serveAdmin({ token: () => TOKEN })]);
});
afterAll(() => Promise.all([open[Symbol.asyncDispose](), guarded[Symbol.asyncDispose]()]));

const statusOf = async (front: Front, asked: Asked): Promise<number> => (await ask(front.at, asked)).status;

describe('the admin port', () => {
  it('answers on loopback without a token', async () => {
    expect((await ask(open.at, { path: '/health' })).json).toEqual({ ready: true });
    expect((await ask(open.at, { path: '/plan' })).json).toEqual({ models: [] });
    expect((await ask(open.at, { path: '/config' })).json).toEqual({ version: 1 });
  });

  it('gives metrics in the type that Prometheus asks for', async () => {
    const { text, headers } = await ask(open.at, { path: '/metrics' });
    expect(text).toBe('up 1\n');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('reloads by POST, and says what runs then', async () => {
    expect((await ask(open.at, { path: '/reload', method: 'POST' })).json).toEqual({ revision: 'r2' });
  });

  it('switches a view off for a while, and on again', async () => {
    const disable = (path: string): Promise<{ json: unknown }> => ask(open.at, { path, method: 'POST' });
    expect((await disable('/v1/views/weather:disable?for=15m')).json).toEqual({ view: 'weather', disabledMs: 900_000 });
    await disable('/v1/views/weather:disable?for=0s');
    expect(switched).toEqual([
      ['weather', 900_000],
      ['weather', 0],
    ]);
    expect(await statusOf(open, { path: '/v1/views/wether:disable?for=15m', method: 'POST' })).toBe(404);
    for (const wrong of ['', '?for=', '?for=15', '?for=8d', '?for=-1s']) {
      expect(await statusOf(open, { path: `/v1/views/weather:disable${wrong}`, method: 'POST' })).toBe(400);
    }
    expect(switched).toHaveLength(2);
  });

  it('takes rows by POST, and says what a push may ask of the store', async () => {
    const before = pushed.length;
    const push = (query: string): Promise<Told> => ask(open.at, { path: `/push${query}`, body: '{"rows":[]}' });
    expect((await push('')).json).toEqual({ written: 1 });
    await push('?newest=true&expiry=30d');
    await push('?newest=false');
    expect(pushed.slice(before)).toEqual([
      ['{"rows":[]}', {}],
      ['{"rows":[]}', { newest: true, expiryMs: 30 * 86_400_000 }],
      ['{"rows":[]}', {}],
    ]);
    for (const wrong of ['?newest=yes', '?newest', '?expiry=30', '?expiry=0s', '?expire=30d', '?constructor=1']) {
      expect({ wrong, status: (await push(wrong)).status }).toEqual({ wrong, status: 400 });
    }
    expect(pushed).toHaveLength(before + 3);
    expect(await statusOf(open, { path: '/push' })).toBe(405);
  });

  it('writes a few pushes at once, and refuses one more, retryable, until one is done', async () => {
    const entered = new EventEmitter();
    const gate = Promise.withResolvers<void>();
    let count = 0;
    await using front = await serveAdmin({
      async push() {
        entered.emit(String(++count));
        await gate.promise;
        return { written: 1 };
      },
    });
    const push = (): Promise<Told> => ask(front.at, { path: '/push', body: '{}' });
    const fourth = once(entered, '4');
    const writing = [push(), push(), push(), push()];
    await fourth;
    expect(await push()).toMatchObject({ status: 429, json: { code: 'OVERLOADED', retryable: true } });
    gate.resolve();
    expect((await Promise.all(writing)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await push()).status).toBe(200);
  });

  it('gives up a push whose caller has left', async () => {
    const leaving = new AbortController();
    const gone = Promise.withResolvers<void>();
    await using front = await serveAdmin({
      push: (_body, _options, caller) =>
        new Promise((resolve) => {
          caller.addEventListener('abort', () => {
            gone.resolve();
            resolve({});
          });
          leaving.abort();
        }),
    });
    const left = ask(front.at, { path: '/push', body: '{}', signal: leaving.signal });
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    await gone.promise;
  });

  it('drains by POST, and says so before it does', async () => {
    const before = drains;
    expect((await ask(open.at, { path: '/drain', method: 'POST' })).json).toEqual({ draining: true });
    expect(drains).toBe(before + 1);
  });

  it.each(['localhost', 'localhost:8082', '127.0.0.1:1', '[::1]:8082'])('knows this machine as %s', async (host) => {
    expect(await statusOf(open, { path: '/plan', headers: { host } })).toBe(200);
  });

  it.each(['rebound.example', 'localhost.example', '127.0.0.1.example', '10.0.0.1:8082', '[::2]'])(
    'does not answer to the name %s',
    async (host) => {
      const before = drains;
      for (const path of ['/plan', '/config']) expect(await statusOf(open, { path, headers: { host } })).toBe(403);
      for (const path of ['/drain', '/push']) {
        expect(await statusOf(open, { path, method: 'POST', headers: { host } })).toBe(403);
      }
      expect(await statusOf(open, { path: '/metrics', headers: { host } })).toBe(200);
      expect(drains).toBe(before);
    },
  );

  it('does not answer a page of a browser, whatever it knows', async () => {
    const headers = { origin: 'http://localhost', authorization: `Bearer ${TOKEN}` };
    for (const front of [open, guarded]) expect(await statusOf(front, { path: '/config', headers })).toBe(403);
  });

  it('opens to the token, and to nothing else where there is one', async () => {
    const status = (authorization?: string) =>
      statusOf(guarded, { path: '/config', headers: authorization === undefined ? {} : { authorization } });
    expect(await status(`Bearer ${TOKEN}`)).toBe(200);
    expect(await status(`bearer ${TOKEN}`)).toBe(200);
    for (const wrong of [undefined, 'Bearer ', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN.slice(1), TOKEN]) {
      expect({ wrong, status: await status(wrong) }).toEqual({ wrong, status: 401 });
      const asked: Asked = { path: '/push', method: 'POST' };
      if (wrong !== undefined) asked.headers = { authorization: wrong };
      expect(await statusOf(guarded, asked)).toBe(401);
    }
    expect(await statusOf(guarded, { path: '/metrics' })).toBe(200);
    expect(await statusOf(guarded, { path: '/health' })).toBe(200);
  });
});
