import { Redis } from 'iovalkey';
import { callsPerSecond } from '../load/closed-loop.ts';
import { askedKeys, fieldsOf, now, openReadStore, PROJECT, tableOf, type Reader } from './read-load.ts';

/**
 * One reader in a process of its own, as what serves is: what one leaves to collect is not the other's to wait for. Told
 * by its parent for how many ms to read, it says how many calls a second it made. `reader.ts URL KEYS FIELDS READER`.
 */
const [url, keys, fields, reader] = process.argv.slice(2);
const load = { keys: Number(keys), fields: Number(fields) };
/** Fetches under way at once: what a busy sidecar has. */
const CALLERS = 16;

type Call = (at: number) => Promise<void>;

async function openSource(encoding: 'json' | 'packed'): Promise<Call> {
  const source = (await openReadStore(url, encoding, load)).source(tableOf(encoding, load));
  const asked = askedKeys(load);
  const specs = fieldsOf(load);
  const { signal } = new AbortController();
  return async (at) => {
    const text = asked[at % asked.length];
    const options = { asOfMs: 0, deadlineMs: now() + 5000, signal };
    const block = await source.fetch({ count: text.length, text }, specs, options);
    if (!(Number(block.values[0][0]) >= 0)) throw new Error('a row was not read');
  };
}

function openBare(encoding: 'json' | 'packed', read: (client: Redis, keys: string[]) => Promise<void>): Call {
  const client = new Redis(url);
  const asked = askedKeys(load).map((each) => each.map((key) => `${PROJECT}:${tableOf(encoding, load)}:${key}`));
  return (at) => read(client, asked[at % asked.length]);
}

const OPEN: Record<Reader, () => Call | Promise<Call>> = {
  mgetBuffer: () =>
    openBare('packed', async (client, some) => {
      const [first] = await client.mgetBuffer(some);
      if (first === null) throw new Error('a row was not read');
    }),
  packed: () => openSource('packed'),
  'mget + JSON.parse': () =>
    openBare('json', async (client, some) => {
      for (const text of await client.mget(some)) {
        if (typeof JSON.parse(text!) !== 'object') throw new Error('a row was not read');
      }
    }),
  json: () => openSource('json'),
};

const call = await OPEN[reader as Reader]();
process.on('message', (ms: number) => {
  void callsPerSecond(call, { callers: CALLERS, ms }).then((rate) => process.send!(rate));
});
process.on('disconnect', () => process.exit(0));
