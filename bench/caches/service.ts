import { listen } from '../rivals/http.ts';
import { cacheData } from './items.ts';

/**
 * The REST API of the items: POST /items:lookup {"keys":[{"id":"i7"}]} → {"items":[{"id":"i7","f0":…}]}. It answers at
 * once, from texts made before, so that what is measured is whoever calls it. GET /counts: what it was asked so far.
 */
const texts = new Map(
  Array.from(cacheData().items, ([id, values]) => {
    const fields = Object.fromEntries(values.map((value, at) => [`f${at}`, value]));
    return [id, JSON.stringify({ id, ...fields })];
  }),
);
const counts = { calls: 0, keys: 0 };

listen((body, reply, path) => {
  if (path === '/counts') return reply(200, JSON.stringify(counts));
  const { keys } = JSON.parse(body) as { keys: { id: string }[] };
  counts.calls++;
  counts.keys += keys.length;
  const items = keys.map(({ id }) => texts.get(id)).filter((text) => text !== undefined);
  reply(200, `{"items":[${items.join(',')}]}`);
});
