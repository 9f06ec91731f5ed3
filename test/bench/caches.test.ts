import { describe, expect, it } from 'vitest';
import { bodiesOf, cacheData, type Warmth } from '../../bench/caches/items.ts';
import { seededRandom } from '../../bench/linear/data.ts';
import { growthPerMillion } from '../../bench/memory/samples.ts';
import { renderChart } from '../../bench/memory/chart.ts';

const MAX_ENTRIES = 10_000;

/** The share of keys that a cache knows which forgets the least recently used ones, sent two rounds of the bodies. */
function shareKnown(warmth: Warmth, rows: number): number {
  const keys = bodiesOf(warmth, rows, cacheData(), seededRandom(1)).flatMap(({ instances }) => instances);
  const known = new Set<string>();
  let hits = 0;
  for (const [at, { id }] of [...keys, ...keys].entries()) {
    if (known.delete(id) && at >= keys.length) hits++;
    known.add(id);
    if (known.size > MAX_ENTRIES) known.delete(known.values().next().value!);
  }
  return hits / keys.length;
}

describe('the loads of the caches', () => {
  it.each([
    ['hot', 10, 1],
    ['hot', 100, 1],
    ['half', 1, 0.5],
    ['half', 100, 0.5],
    ['cold', 1, 0],
    ['cold', 100, 0],
  ] as const)('%s at N = %i has a cache know its share of the keys', (warmth, rows, share) => {
    expect(shareKnown(warmth, rows)).toBe(share);
  });
});

describe('the memory of a bench', () => {
  const samples = Array.from({ length: 10 }, (_, at) => {
    return { requests: at * 100_000, residentMb: 200 + at * 0.5, heapMb: 50, externalMb: 5 };
  });

  it('grows by the slope of its samples', () => {
    expect(growthPerMillion(samples, ({ residentMb }) => residentMb)).toBeCloseTo(5);
    expect(growthPerMillion(samples, ({ heapMb }) => heapMb)).toBe(0);
  });

  it('is drawn at its height', () => {
    const chart = renderChart([{ letter: 'h', values: samples.map(({ heapMb }) => heapMb) }], '1 million', 'MiB');
    const lines = chart.split('\n');
    expect(lines[1]).toBe(`    50 |${'h'.repeat(64)}`);
    expect(lines.filter((line) => line.includes('h'))).toHaveLength(1);
  });
});
