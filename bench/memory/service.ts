import { listen } from '../rivals/http.ts';
import { rowOf } from './rows.ts';

/** The REST API of rows for any key: POST /items:lookup {"keys":[{"id":7}]} → {"items":[…]}. One call in fifty fails. */
const FAILING = 50;
let calls = 0;

listen((body, reply, path) => {
  if (path === '/counts') return reply(200, JSON.stringify({ calls }));
  if (++calls % FAILING === 0) return reply(503, '{}');
  const { keys } = JSON.parse(body) as { keys: { id: number }[] };
  const items = keys.map(({ id }) => rowOf(id)).filter((row) => row !== undefined);
  reply(200, JSON.stringify({ items }));
});
