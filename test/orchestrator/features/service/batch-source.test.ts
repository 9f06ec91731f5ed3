import { describe, expect, test } from 'vitest';
import type { FieldSpec } from '../../../../orchestrator/features/source.ts';
import { batchView, key, keysOf, openTestService, sendJson, TestServer, told, within, X, type Seen } from './wire.ts';

const asked = (seen: Seen): Record<string, unknown>[] =>
  (JSON.parse(seen.body) as { keys: Record<string, unknown>[] }).keys;

describe('one call for many keys', () => {
  test('posts typed keys in the body, in chunks that are all under way at once', async () => {
    const held: (() => void)[] = [];
    await using server = await TestServer.open((seen, response) => {
      held.push(() => sendJson(response, { items: asked(seen).map((each) => ({ ...each, x: 1 })) }));
      if (held.length === 3) held.forEach((send) => send());
    });
    await using service = await openTestService(server.url);
    const view = batchView(2, key('id', ['n', 'int64'], ['t', 'timestamp'], ['b', 'bool'], ['d', 'double']));
    view.batch!.body = { deep: [{ keys: '$keys' }], $keys: 'a "$keys" within' };
    server.answer = ((answer) => (seen, response, request) => {
      const { deep, $keys } = JSON.parse(seen.body) as { deep: [{ keys: unknown[] }]; $keys: string };
      expect($keys).toBe('a "$keys" within');
      answer({ ...seen, body: JSON.stringify(deep[0]) }, response, request);
    })(server.answer);
    const rest = '2013-05-05T12:00:00Z|true|0.5';
    const texts = ['a%7C"|1', 'b|9007199254740993', 'c|-3', 'd|4', 'e|5'].map((start) => `${start}|${rest}`);
    const block = await service.source(view).fetch(keysOf(...texts), X, within(5000));
    expect(told(block)).toEqual(Array.from({ length: 5 }, () => 'PRESENT service'));
    const sizes = server.seen.map(({ body }) => (JSON.parse(body) as { deep: [{ keys: unknown[] }] }).deep[0].keys);
    expect(sizes.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([1, 2, 2]);
    expect(sizes.find((keys) => (keys[0] as { id: string }).id === 'a|"')).toEqual([
      { id: 'a|"', n: 1, t: '2013-05-05T12:00:00Z', b: true, d: 0.5 },
      { id: 'b', n: '9007199254740993', t: '2013-05-05T12:00:00Z', b: true, d: 0.5 },
    ]);
    expect(server.seen[0]).toMatchObject({ method: 'POST', target: '/rows:lookup' });
    expect(server.seen[0].headers['content-type']).toBe('application/json');
  });

  test('finds answers by key, never by position; an absent item is NOT_FOUND, a strange one is passed over', async () => {
    await using server = await TestServer.open((_, response) =>
      sendJson(response, {
        items: [{ id: 'c', x: 3 }, { id: 'nobody', x: 9 }, { x: 8 }, null, 7, { id: 1, x: 6 }, { id: 'a', x: 1 }],
      }),
    );
    await using service = await openTestService(server.url);
    const block = await service.source(batchView()).fetch(keysOf('a', 'b', 'c', '1'), X, within(5000));
    expect([...block.values[0]]).toEqual([1, Number.NaN, 3, Number.NaN]);
    expect(told(block)).toEqual(['PRESENT service', 'NOT_FOUND service', 'PRESENT service', 'NOT_FOUND service']);
    expect(service.counters.ignoredItems).toBe(5);
  });

  test('an item of another chunk is not taken from this one', async () => {
    await using server = await TestServer.open((seen, response) => {
      const own = (asked(seen)[0] as { id: string }).id;
      sendJson(response, {
        items: [
          { id: own === 'a' ? 'b' : 'a', x: 99 },
          { id: own, x: 1 },
        ],
      });
    });
    await using service = await openTestService(server.url);
    const block = await service.source(batchView(1)).fetch(keysOf('a', 'b'), X, within(5000));
    expect([...block.values[0]]).toEqual([1, 1]);
  });

  test('a key is found in whichever form the service writes it', async () => {
    await using server = await TestServer.open((_, response) =>
      sendJson(response, { items: [{ n: '42', t: '2013-05-05T08:00:00-04:00', b: false, d: 2, x: 5 }] }),
    );
    await using service = await openTestService(server.url);
    const view = batchView(9, key(['n', 'int64'], ['t', 'timestamp'], ['b', 'bool'], ['d', 'double']));
    const block = await service.source(view).fetch(keysOf('42|2013-05-05T12:00:00Z|false|2'), X, within(5000));
    expect(block.values[0][0]).toBe(5);
  });

  test('items twice that say the same are one; that contradict each other, an ERROR for their key', async () => {
    await using server = await TestServer.open((_, response) =>
      sendJson(response, {
        items: [
          { id: 'same', x: 1, other: 1 },
          { id: 'same', x: 1, other: 2 },
          { id: 'torn', x: 1 },
          { id: 'torn', x: 2 },
          { id: 'torn', x: 1 },
          { id: 'alone', x: 4 },
        ],
      }),
    );
    await using service = await openTestService(server.url);
    const block = await service.source(batchView()).fetch(keysOf('same', 'torn', 'alone'), X, within(5000));
    expect(told(block)).toEqual(['PRESENT service', 'ERROR service', 'PRESENT service']);
    expect([...block.values[0]]).toEqual([1, Number.NaN, 4]);
    expect(service.counters.contradictedKeys).toBe(1);
  });

  test('values of a wrong type are ERROR, absent ones NULL_VALUE, each for its own cell', async () => {
    const fields: FieldSpec[] = [...X, { name: 'constructor', type: 'string' }, { name: 'n', type: 'int64' }];
    await using server = await TestServer.open((_, response) =>
      sendJson(response, {
        items: [
          { id: 'a', x: '1', n: 1.5 },
          { id: 'b', x: 1, constructor: 'c', n: null },
        ],
      }),
    );
    await using service = await openTestService(server.url);
    const block = await service.source(batchView()).fetch(keysOf('a', 'b'), fields, within(5000));
    expect([0, 1, 2].map((field) => told(block, field))).toEqual([
      ['ERROR service', 'PRESENT service'],
      ['NULL_VALUE service', 'PRESENT service'],
      ['ERROR service', 'NULL_VALUE service'],
    ]);
  });

  test('chunks that fail do so for their own keys; a 404 is an ERROR, for the path names no row', async () => {
    await using server = await TestServer.open((seen, response) => {
      const [{ id }] = asked(seen) as { id: string }[];
      if (id === 'a') return sendJson(response, { items: [{ id, x: 1 }] });
      if (id === 'b') return response.writeHead(404).end();
      sendJson(response, { rows: [] }); // no list where `items` points
    });
    await using service = await openTestService(server.url);
    const block = await service.source(batchView(1)).fetch(keysOf('a', 'b', 'c'), X, within(5000));
    expect(told(block)).toEqual(['PRESENT service', 'ERROR none', 'ERROR none']);
    expect(service.counters.tries).toMatchObject({ answered: 1, not_found: 1, unreadable: 1 });
  });

  test('a fetch of which no key can be used rejects, and says why to the log only', async () => {
    await using server = await TestServer.open((_, response) => response.writeHead(500).end());
    await using service = await openTestService(server.url);
    const fetching = service.source(batchView(1)).fetch(keysOf('a', 'b'), X, within(5000));
    await expect(fetching).rejects.toMatchObject({
      code: 'FEATURE_UNAVAILABLE',
      message: 'The service "test" gave no usable answer.',
      cause: { message: 'unavailable: the service answered 500' },
    });
  });

  test('a key that JSON cannot say is NOT_FOUND, and the others are asked for without it', async () => {
    await using server = await TestServer.open((seen, response) =>
      sendJson(response, { items: asked(seen).map((each) => ({ ...each, x: 1 })) }),
    );
    await using service = await openTestService(server.url);
    const block = await service.source(batchView()).fetch(keysOf('a', 'x|y', '\ud800', ''), X, within(5000));
    expect(told(block)).toEqual(['PRESENT service', 'NOT_FOUND service', 'NOT_FOUND service', 'PRESENT service']);
    expect(server.seen).toHaveLength(1);
    expect(service.counters.refusedKeys).toBe(2);
  });
});
