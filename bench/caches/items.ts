import { makeData, seededRandom, type Body, type Data } from '../linear/data.ts';

const SEED = 20_130_505;
/** Items that are asked for again and again: fewer than `maxEntries` of the caches, which is 10,000. */
const KNOWN = 8_000;
/** The others are asked for in turn, each once a round: more than `maxEntries`, so that none is still there. */
const ITEMS = 50_000;
/** Few, so that a short warm-up meets them all. */
const HALF_KNOWN = 500;
/** Bodies of a load whose keys are all known. */
const BODIES = 256;

export const WARMTHS = ['hot', 'half', 'cold'] as const;
export type Warmth = (typeof WARMTHS)[number];

/** The same in every process of the bench. */
export const cacheData = (): Data => makeData(seededRandom(SEED), ITEMS);

/**
 * Bodies of `rows` items all of which a cache knows once it is warm, every other one of which it knows, or none. What
 * it does not know it never will: by the time a key comes round again, the least recently used rows have given way.
 */
export function bodiesOf(warmth: Warmth, rows: number, data: Data, random: () => number): Body[] {
  const ids = [...data.items.keys()];
  const cities = [...data.cities.keys()];
  const pick = (count: number): number => Math.floor(random() * count);
  let cold = KNOWN;
  const unknown = (): string => {
    const id = ids[cold++];
    if (cold === ITEMS) cold = KNOWN;
    return id;
  };
  let turn = 0;
  const halfKnown = (): string => (turn % 2 === 0 ? ids[(turn++ >> 1) % HALF_KNOWN] : (turn++, unknown()));
  const idsOfBody = (): string[] => {
    if (warmth !== 'hot') return Array.from({ length: rows }, warmth === 'half' ? halfKnown : unknown);
    const chosen = new Set<string>();
    while (chosen.size < rows) chosen.add(ids[pick(KNOWN)]);
    return [...chosen];
  };
  const keysOfRound = warmth === 'half' ? 2 * (ITEMS - KNOWN) : ITEMS - KNOWN;
  const count = warmth === 'hot' ? BODIES : keysOfRound / rows;
  return Array.from({ length: count }, () => ({
    instances: idsOfBody().map((id) => ({ id })),
    request: { city: cities[pick(cities.length)] },
  }));
}
