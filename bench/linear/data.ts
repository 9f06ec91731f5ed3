import { Redis } from 'iovalkey';
import { open } from 'lmdb';
import { scoreOf } from './model.ts';

const ITEMS = 10_000;
const CITIES = 100;
const FIELDS = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8', 'f9'];

/** What the store holds: ten numbers an item, one a city. Drawn from a seed, so that every run has the same. */
export interface Data {
  items: ReadonlyMap<string, readonly number[]>;
  cities: ReadonlyMap<string, number>;
}

/** A V1 request body. */
export interface Body {
  instances: { id: string }[];
  request: { city: string };
}

export function makeData(random: () => number, count = ITEMS): Data {
  const items = Array.from({ length: count }, (_, i) => [`i${i}`, FIELDS.map(() => random() * 2 - 1)] as const);
  const cities = Array.from({ length: CITIES }, (_, i) => [`c${i}`, random()] as const);
  return { items: new Map(items), cities: new Map(cities) };
}

/** Writes the rows as DESIGN's store layout has them (`project:table:key`, JSON), with no help from Tandem. */
export async function fillStore(path: string, data: Data): Promise<void> {
  const store = open<object, string>({ path, encoding: 'json' });
  for (const [key, row] of rowsOf(data)) void store.put(key, row);
  await store.flushed;
  await store.close();
}

/** The same rows in a Redis. */
export async function fillRedis(url: string, data: Data): Promise<void> {
  const redis = new Redis(url);
  await redis.mset(new Map(Array.from(rowsOf(data), ([key, row]) => [key, JSON.stringify(row)])));
  await redis.quit();
}

function* rowsOf(data: Data): Generator<[key: string, row: object]> {
  for (const [id, values] of data.items) {
    yield [`bench:item:${id}`, Object.fromEntries(FIELDS.map((field, i) => [field, values[i]]))];
  }
  for (const [city, load] of data.cities) yield [`bench:context:${city}`, { load }];
}

/** `count` bodies of `rows` different items each. */
export function makeBodies(data: Data, random: () => number, rows: number, count: number): Body[] {
  const ids = [...data.items.keys()];
  const cities = [...data.cities.keys()];
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)];
  return Array.from({ length: count }, () => {
    const chosen = new Set<string>();
    while (chosen.size < rows) chosen.add(pick(ids));
    return { instances: [...chosen].map((id) => ({ id })), request: { city: pick(cities) } };
  });
}

/** The right answer to a body, in its order, from the data itself. */
export function expectedScores(data: Data, body: Body): number[] {
  const load = data.cities.get(body.request.city)!;
  return body.instances.map(({ id }) => scoreOf(data.items.get(id)!, load));
}

/** mulberry32: 32 bits of state are plenty to draw test data with, and any language can repeat it. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
