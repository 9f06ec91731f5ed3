import { listen } from '../rivals/http.ts';
import { keyOf, rowOf, VIEWS } from './layout.ts';

/** The REST API of the wide model: POST /rows:lookup {"keys":[{"id":"i7"}]} → {"items":[{"id":"i7","f0":…}]}, at once. */
const live = VIEWS.find(({ isService }) => isService)!;
const texts = new Map(
  Array.from({ length: live.rows }, (_, row) => {
    const key = keyOf(live, row);
    return [key, JSON.stringify({ [live.key]: key, ...rowOf(live, row) })];
  }),
);

listen((body, reply) => {
  const { keys } = JSON.parse(body) as { keys: Record<string, string>[] };
  const items = keys.map((key) => texts.get(key[live.key])).filter((text) => text !== undefined);
  reply(200, `{"items":[${items.join(',')}]}`);
});
