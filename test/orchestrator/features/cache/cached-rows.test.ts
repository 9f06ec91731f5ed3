import { expect, it } from 'vitest';
import { CachedRows } from '../../../../orchestrator/features/cache/cached-rows.ts';
import { newCacheCounters } from '../../../../orchestrator/features/cache/counters.ts';
import { rowBytesOf } from '../../../../orchestrator/plan/row-bytes.ts';
import { columnsOf, FIELDS } from '../controlled-source.ts';

const LIFETIME = { freshMs: 10, staleMs: 10, errorMs: 10 };
const rowOf = (n: number, s: string) => columnsOf(['k'], FIELDS, () => ({ n, s }));

it('has no more slots than rows that it may keep, however many keys there were', () => {
  const counters = newCacheCounters();
  const rows = new CachedRows(FIELDS, { maxEntries: 10_000 }, counters);
  const row = rowOf(1, 'x');
  let seed = 1;
  for (let i = 0; i < 200_000; i++) {
    seed = (seed * 48_271) % 2_147_483_647;
    rows.put(`k${seed % 1_000_000}`, row, 0, i, LIFETIME);
    if (i % 1000 === 0) rows.expire([`k${seed % 1_000_000}`]);
  }
  expect(rows.table.slots).toBe(10_000);
  expect(counters.entries).toBe(10_000);
  expect(counters.evictions).toBeGreaterThan(100_000);
  rows.clear();
  expect(counters).toMatchObject({ entries: 0, bytes: 0 });
});

it('lets the row go that was not used for the longest', () => {
  const rows = new CachedRows(FIELDS, { maxEntries: 2 }, newCacheCounters());
  for (const key of ['a', 'b']) rows.put(key, rowOf(1, key), 0, 0, LIFETIME);
  rows.use('a');
  rows.find('b');
  rows.put('c', rowOf(1, 'c'), 0, 0, LIFETIME);
  expect(['a', 'b', 'c'].map((key) => rows.find(key) >= 0)).toEqual([true, false, true]);
});

it('keeps within maxBytes as rows grow and shrink, and a row larger than that not at all', () => {
  const counters = newCacheCounters();
  const rows = new CachedRows(FIELDS, { maxEntries: 1000, maxBytes: 10_000 }, counters);
  for (let i = 0; i < 500; i++) {
    rows.put(`k${i % 70}`, rowOf(i, 'x'.repeat((i * 37) % 900)), 0, 0, LIFETIME);
    expect(counters.bytes).toBeLessThanOrEqual(10_000);
    expect(counters.bytes).toBeGreaterThan(0);
  }
  rows.put('k1', rowOf(1, 'x'.repeat(10_000)), 0, 0, LIFETIME);
  expect(rows.find('k1')).toBe(-1);
  const { entries } = counters;
  rows.clear();
  expect(entries).toBeGreaterThan(1);
  expect(counters).toMatchObject({ entries: 0, bytes: 0 });
});

it('puts a new row of a key in place of the old one', () => {
  const counters = newCacheCounters();
  const rows = new CachedRows(FIELDS, { maxEntries: 1 }, counters);
  rows.put('a', rowOf(1, 'old'), 0, 0, LIFETIME);
  rows.put('a', rowOf(2, 'new'), 0, 5, LIFETIME);
  const [row, sources] = [Int32Array.of(rows.find('a')), Uint8Array.of(3)];
  expect(rows.table.read([0, 1], row, sources, 1).values).toEqual([Float64Array.of(2), ['new']]);
  expect(counters).toMatchObject({ entries: 1, evictions: 0 });
});

it('counts a row as `explain` estimates it, by the characters that it has', () => {
  const counters = newCacheCounters();
  const rows = new CachedRows(FIELDS, { maxEntries: 10 }, counters);
  rows.put('twelve chars', rowOf(1, 'seven..'), 0, 0, LIFETIME);
  expect(counters.bytes).toBe(rowBytesOf(FIELDS) + 12 + 7);
});
