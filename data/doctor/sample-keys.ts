import { crc32 } from 'node:zlib';

/** Some keys of a table, and how many were seen to choose them from. */
export interface KeySample {
  keys: string[];
  counted: number;
  /** Whether all keys of the table were seen. */
  isWhole: boolean;
}

/** Keys that are listed at most: half a second of a Redis server's time, a second of ours. */
const MAX_COUNTED = 1_000_000;

interface Ranked {
  key: string;
  rank: number;
}

/**
 * Up to `size` different keys, those whose hashes are the smallest: as good as chosen at random, wherever they stand,
 * and the same ones every time. (Every tenth key would meet what comes in tens.) Ends early when `signal` says so, with
 * the keys that were there by then.
 */
export async function sampleKeys(
  pages: AsyncIterable<readonly string[]>,
  size: number,
  signal: AbortSignal,
): Promise<KeySample> {
  let chosen: Ranked[] = [];
  /** What is not below it cannot be among the smallest any more. */
  let bound = Infinity;
  let counted = 0;
  let isWhole = true;
  try {
    for await (const page of pages) {
      for (const key of page) {
        counted++;
        const rank = rankOf(key);
        if (rank >= bound) continue;
        chosen.push({ key, rank });
        if (chosen.length < 2 * size) continue;
        chosen = smallest(chosen, size);
        if (chosen.length === size) bound = chosen[size - 1].rank;
      }
      isWhole = counted < MAX_COUNTED && !signal.aborted;
      if (!isWhole) break;
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    isWhole = false;
  }
  return { keys: smallest(chosen, size).map(({ key }) => key), counted, isWhole };
}

/** A key may be listed twice. */
function smallest(ranked: readonly Ranked[], size: number): Ranked[] {
  const distinct = new Map(ranked.map((each) => [each.key, each]));
  return [...distinct.values()].sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1)).slice(0, size);
}

/** CRC-32 alone would keep neighbours together; mixed by the end of MurmurHash3 (32 bits) it is as good as a dice. */
function rankOf(key: string): number {
  let hash = crc32(key);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
