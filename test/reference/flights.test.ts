import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { degradedOf, featuresOf, FEATURES, type Board, type Flight, type View } from './flights.ts';
import { readTables } from './tables.ts';

const tables = await readTables();
const flight: Flight = {
  id: 'x',
  carrier: 'AA',
  tailnum: 'N102UW',
  origin: 'EWR',
  dest: 'ATL',
  departs: '2013-09-27T10:40:00Z',
  distance: 746,
};
const features = (change: Partial<Flight>, time = '2013-09-27T10:00:00Z'): Record<string, number> =>
  Object.fromEntries(featuresOf({ ...flight, ...change }, { time }, tables).map((value, at) => [FEATURES[at], value]));

test('features worked out by hand from the rows of the data', () => {
  expect(features({})).toMatchObject({
    'instance.distance': 746,
    hour: 6,
    tz_shift: 0,
    plane_age: 15,
    'plane.seats': 182,
    'route.late_share': 0.231_870_229_007_633_6,
    carrier: 1,
  });
});

test('hours are those of New York on both sides of a change of clocks', () => {
  expect(features({ departs: '2013-03-10T06:59:59.999Z' }).hour).toBe(1);
  expect(features({ departs: '2013-03-10T07:00:00Z' }).hour).toBe(3);
  expect(features({ departs: '2013-11-03T05:30:00Z' }).hour).toBe(1);
  expect(features({ departs: '2013-11-03T06:30:00Z' }).hour).toBe(1);
});

test('a year begins in New York five hours late', () => {
  expect(features({}, '2014-01-01T04:59:59Z').plane_age).toBe(15);
  expect(features({}, '2014-01-01T05:00:00Z').plane_age).toBe(16);
});

test('what is missing is a default where one is declared, else nothing', () => {
  expect(features({ tailnum: null, dest: 'SJU', carrier: 'ZZ' }, '2014-06-01T00:00:00Z')).toMatchObject({
    tz_shift: Number.NaN,
    plane_age: Number.NaN,
    'plane.seats': 150,
    'route.late_share': Number.NaN,
    'pulse.mean_delay': Number.NaN,
    'weather.temp': Number.NaN,
    'weather.wind': 8,
    carrier: Number.NaN,
  });
});

test('a view that failed gives no row, and no other view goes with it', () => {
  const failed = (...views: View[]): Record<string, number> => {
    const values = featuresOf(flight, { time: '2013-09-27T10:00:00Z' }, tables, new Set(views));
    return Object.fromEntries(values.map((value, at) => [FEATURES[at], value]));
  };
  const whole = features({});
  expect(failed()).toEqual(whole);
  expect(failed('plane')).toEqual({ ...whole, plane_age: Number.NaN, 'plane.seats': 150 });
  expect(failed('route', 'weather')).toEqual({
    ...whole,
    'route.late_share': Number.NaN,
    'weather.temp': Number.NaN,
    'weather.wind': 8,
  });
  expect(failed('home_airport')).toEqual({ ...whole, tz_shift: Number.NaN });
  expect(failed('dest_airport', 'pulse')).toEqual({ ...whole, tz_shift: Number.NaN, 'pulse.mean_delay': Number.NaN });
});

test('views are told with the instances that lack them', async () => {
  const board = JSON.parse(
    await readFile(new URL('../../examples/flights/request.json', import.meta.url), 'utf8'),
  ) as Board;
  const instances = [flight, { ...flight, tailnum: 'N0' }, { ...flight, dest: 'ZZZ' }];
  expect(degradedOf({ ...board, instances }, tables)).toEqual([
    { view: 'dest_airport', status: 'NOT_FOUND', source: 'none', count: 1 },
    { view: 'plane', status: 'NOT_FOUND', source: 'none', count: 1 },
    { view: 'route', status: 'NOT_FOUND', source: 'none', count: 1 },
  ]);
});
