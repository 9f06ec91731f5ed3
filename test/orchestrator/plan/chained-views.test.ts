import { describe, expect, it } from 'vitest';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import type { Answer } from '../../../orchestrator/predict/call.ts';
import type { FeatureSource } from '../../../orchestrator/features/source.ts';
import { callOf, plantedDeployment, rowsSource } from '../planted.ts';

const YAML = `
version: 1
project: p
inputs: { request: { city: "string?" }, instance: { tail: "string?" } }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { maker: string, year: int64 } }
  maker: { store: online, key: { maker: plane.maker, decade: decade }, fields: { share: double } }
  city: { store: online, key: { city: request.city }, fields: { zone: string } }
  zone: { store: online, key: { zone: city.zone }, fields: { offset: int64 } }
onDemand:
  decade: { type: int64, cel: "plane.year / 10" }
  score: { type: double, cel: "maker.share + double(zone.offset)" }
models:
  m: { features: [score, maker.share, zone.offset] }
`;

const sources = () => ({
  plane: rowsSource({
    A: { maker: 'airbus', year: 2013 },
    B: { maker: 'boeing', year: 1999 },
    C: { maker: 'airbus', year: 2019 },
    D: { maker: null, year: 2000 },
  }),
  maker: rowsSource({ 'airbus|201': { share: 0.5 }, 'boeing|199': { share: 0.25 } }),
  city: rowsSource({ NYC: { zone: 'east' } }),
  zone: rowsSource({ east: { offset: -5 } }),
});

async function gather(planted: Record<string, FeatureSource>, city: string, tails: (string | null)[]): Promise<Answer> {
  const deployment = plantedDeployment(YAML, { sources: planted });
  const options = { now: () => performance.now(), past: undefined };
  const predict = createPredict(() => ({ deployment, release: () => {} }), options);
  return predict(
    callOf({ want: 'features', request: { city }, instances: { objects: tails.map((tail) => ({ tail })) } }),
  );
}
const valuesOf = ({ gathered }: Answer): unknown => gathered.map(({ values }) => Array.from<unknown>(values));

describe('a view whose key reads another view', () => {
  it('is read by the rows that were found, each distinct key once', async () => {
    const planted = sources();
    const answer = await gather(planted, 'NYC', ['A', 'B', 'C', 'A']);
    expect(valuesOf(answer)).toEqual([
      [-4.5, -4.75, -4.5, -4.5],
      [0.5, 0.25, 0.5, 0.5],
      [-5, -5, -5, -5],
    ]);
    expect(planted.plane.asked).toEqual([['A', 'B', 'C']]);
    expect(planted.maker.asked).toEqual([['airbus|201', 'boeing|199']]);
    expect(planted.zone.asked).toEqual([['east']]);
  });

  it('is not asked by a key that was not found, or null, and says so of each instance', async () => {
    const planted = sources();
    const answer = await gather(planted, 'nowhere', ['Z', 'D', null, 'A']);
    expect(valuesOf(answer)).toEqual([
      [NaN, NaN, NaN, NaN],
      [NaN, NaN, NaN, 0.5],
      [NaN, NaN, NaN, NaN],
    ]);
    expect(planted.maker.asked).toEqual([['airbus|201']]);
    expect(planted.zone.asked).toEqual([]);
    expect(answer.degraded).toEqual([
      { view: 'plane', status: 'NOT_FOUND', source: 'none', count: 2 },
      { view: 'city', status: 'NOT_FOUND', source: 'none', count: 4 },
      { view: 'maker', status: 'NOT_FOUND', source: 'none', count: 3 },
      { view: 'zone', status: 'NOT_FOUND', source: 'none', count: 4 },
    ]);
  });

  it('is the same whether its sources answer at once or later', async () => {
    const later = Object.fromEntries(
      Object.entries(sources()).map(([view, source]): [string, FeatureSource] => [
        view,
        { fetch: (...fetch) => Promise.resolve(source.fetch(...fetch)) },
      ]),
    );
    const tails = ['A', 'Z', 'B', null];
    expect(valuesOf(await gather(later, 'NYC', tails))).toEqual(valuesOf(await gather(sources(), 'NYC', tails)));
  });
});
