import { once, EventEmitter } from 'node:events';
import { Redis } from 'iovalkey';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { RedisServer } from '../../../servers/redis.ts';
import { fetchNumbers, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

let server: RedisServer;
let store: Store;
/** Another writer. */
let other: Redis;
/** What the watcher of the table `plane` was told: `a,b` of changed keys, `lost`. */
let told: EventEmitter<{ told: [string] }>;

beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());
beforeEach(async () => {
  other = new Redis(server.url);
  told = new EventEmitter();
  store = await openTestStore({ url: server.url, invalidation: true });
  const tracking = once(told, 'told');
  store.watch!('plane', {
    onChanged: (keys) => told.emit('told', keys.join()),
    onLost: () => told.emit('told', 'lost'),
  });
  // From its beginning on, what is read is tracked: it says so itself.
  await tracking;
});
afterEach(async () => {
  await store.close();
  other.disconnect();
});

test('a row that was read is told of when another process changes, removes or expires it, and not of others', async () => {
  await writeRows(store, { key: 'a|b', values: { n: 1 } }, { key: 'unread', values: { n: 1 } });
  for (const change of [
    () => other.set('nyc:plane:a|b', '{"n":2}'),
    () => other.del('nyc:plane:a|b'),
    () => other.set('nyc:plane:a|b', '{"n":3}'),
    () => other.pexpire('nyc:plane:a|b', 1),
  ]) {
    await fetchNumbers(store, ['a|b']);
    const changed = once(told, 'told');
    await other.set('nyc:plane:unread', '{"n":9}');
    await other.set('nyc:route:a|b', '{"n":9}');
    await change();
    expect(await changed).toEqual(['a|b']);
  }
});

test('a key without a row is told of when it gets one', async () => {
  await fetchNumbers(store, ['later']);
  const changed = once(told, 'told');
  await other.set('nyc:plane:later', '{"n":1}');
  expect(await changed).toEqual(['later']);
});

test('a flush tells that any row may have changed', async () => {
  const lost = once(told, 'told');
  await other.flushall();
  expect(await lost).toEqual(['lost']);
});

test.each(['normal', 'pubsub'])(
  'a connection that drops (%s) tells that any row may have changed, and changes are told again',
  async (type) => {
    const heard: string[] = [];
    told.on('told', (what) => heard.push(what));
    await other.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    await expect.poll(() => heard.slice(0, 2)).toEqual(['lost', 'lost']);
    await expect
      .poll(async () => {
        await fetchNumbers(store, ['a']).catch(() => undefined);
        await other.set('nyc:plane:a', '{"n":1}');
        return heard.at(-1);
      })
      .toBe('a');
  },
);

test('a server that refuses to track is used all the same, and the refusal told', async () => {
  await other.call('ACL', 'SETUSER', 'poor', 'on', '>secret', '~*', '&*', '+@all', '-client|tracking');
  const refused = Promise.withResolvers<Error>();
  const refusing = await openTestStore({
    url: server.url,
    username: 'poor',
    password: 'secret',
    invalidation: true,
    onRefused: refused.resolve,
  });
  expect((await refused.promise).message).toMatch(/no permissions/i);
  await writeRows(refusing, { key: 'a', values: { n: 1 } });
  expect((await fetchNumbers(refusing, ['a'])).values[0][0]).toBe(1);
  await refusing.close();
});

test('a closed store leaves no connection behind', async () => {
  const before = Number(/connected_clients:(\d+)/.exec(await other.info('clients'))![1]);
  await store.close();
  await expect
    .poll(async () => Number(/connected_clients:(\d+)/.exec(await other.info('clients'))![1]))
    .toBe(before - 2);
});
