import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedScores, fillStore, makeBodies, makeData, seededRandom } from '../../bench/linear/data.ts';
import { FEATURES, scoreRows } from '../../bench/linear/model.ts';
import { openLmdbStore } from '../../orchestrator/features/store/lmdb.ts';

describe('the data of the bench', () => {
  const random = seededRandom(1);
  const data = makeData(random);
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tandem-data-'));
    await fillStore(folder, data);
  });

  afterAll(() => rm(folder, { recursive: true }));

  it("is read by Tandem's own store as it was written by hand", async () => {
    const store = await openLmdbStore({ path: folder, project: 'bench' });
    const options = { asOfMs: 0, deadlineMs: Infinity, signal: new AbortController().signal };
    const text = ['i0', 'i9999', 'i417'];
    const fields = Array.from({ length: 10 }, (_, i) => ({ name: `f${i}`, type: 'double' as const }));
    const { values } = await store.source('item').fetch({ count: 3, text }, fields, options);
    for (const [row, id] of text.entries()) {
      expect(values.map((column) => column[row])).toEqual(data.items.get(id));
    }
    const load = [{ name: 'load', type: 'double' as const }];
    const context = await store.source('context').fetch({ count: 1, text: ['c99'] }, load, options);
    expect(context.values[0][0]).toBe(data.cities.get('c99'));
    await store.close();
  });

  it('has bodies of different items, the same in every run', () => {
    const bodies = makeBodies(data, seededRandom(2), 100, 5);
    for (const { instances } of bodies) expect(new Set(instances.map(({ id }) => id)).size).toBe(100);
    expect(makeBodies(makeData(seededRandom(1)), seededRandom(2), 100, 5)).toEqual(bodies);
  });

  it('gives the same scores by the model of the stacks and by the reference', () => {
    const [body] = makeBodies(data, random, 20, 1);
    const rows = body.instances.map(({ id }) => [...data.items.get(id)!, data.cities.get(body.request.city)!]);
    const scores = new Float64Array(20);
    expect(rows[0]).toHaveLength(FEATURES);
    scoreRows(Float64Array.from(rows.flat()), 20, scores);
    for (const [row, expected] of expectedScores(data, body).entries()) expect(scores[row]).toBeCloseTo(expected, 12);
  });
});
