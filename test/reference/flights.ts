import type { Row, Tables } from './tables.ts';

/**
 * What examples/flights/tandem.yaml means, said a second time: slow, one flight at a time, and apart from Tandem's code,
 * so that a mistake would have to be made twice to go unseen. The soak, the interop and the end-to-end test compare with
 * it.
 */

/** A departure as a caller sends it. A distance that is no number makes a bad instance. */
export interface Flight {
  id: string;
  carrier: string;
  tailnum?: string | null;
  origin: string;
  dest: string;
  departs: string;
  distance: number | string;
}

export interface Board {
  request: { time: string };
  instances: Flight[];
}

/** One entry of the answer's `degraded`. */
export interface DegradedView {
  view: string;
  status: string;
  source: string;
  count: number;
}

const HOUR_MS = 3_600_000;
const MAX_AGE_MS = 400 * 24 * HOUR_MS;
const CARRIERS = ['9E', 'AA', 'AS', 'B6', 'DL', 'EV', 'F9', 'FL', 'HA', 'MQ', 'OO', 'UA', 'US', 'VX', 'WN', 'YV'];

/** The names of the features, in the order of the matrix. */
export const FEATURES = [
  'instance.distance',
  'hour',
  'tz_shift',
  'plane_age',
  'plane.seats',
  'route.late_share',
  'pulse.mean_delay',
  'weather.temp',
  'weather.wind',
  'carrier',
];

/** The ten features of one flight; NaN where there is no value. */
export function featuresOf(flight: Flight, request: Board['request'], tables: Tables): number[] {
  const asOf = Date.parse(request.time);
  const plane = planeOf(flight, tables);
  const route = routeOf(flight, tables);
  const weather = weatherOf(flight, asOf, tables);
  const pulse = pulseOf(asOf, tables);
  const destination = tables.airport.get(flight.dest);
  const home = tables.airport.get(flight.origin);
  const carrier = CARRIERS.indexOf(flight.carrier);
  return [
    Number(flight.distance),
    inNewYork(Date.parse(flight.departs)).hour,
    number(destination, 'tz') - number(home, 'tz'),
    inNewYork(asOf).year - number(plane, 'year'),
    plane === undefined ? 150 : number(plane, 'seats'),
    route === undefined || isTooOld(route, asOf) ? Number.NaN : number(route, 'late_share'),
    number(pulse, 'mean_delay'),
    number(weather, 'temp'),
    weather === undefined ? 8 : number(weather, 'wind'),
    carrier === -1 ? Number.NaN : carrier,
  ];
}

/**
 * The views that are told as degraded, sorted. A view is told under its worst field, and a field left null is worse than
 * one with a default: so a missing plane (no year) and missing weather (no temperature) have the source `none`.
 */
export function degradedOf({ request, instances }: Board, tables: Tables): DegradedView[] {
  const asOf = Date.parse(request.time);
  const entries = new Map<string, DegradedView>();
  const tell = (view: string, status: string): void => {
    const entry = entries.get(`${view} ${status}`);
    if (entry === undefined) entries.set(`${view} ${status}`, { view, status, source: 'none', count: 1 });
    else entry.count += 1;
  };
  for (const flight of instances) {
    const route = routeOf(flight, tables);
    if (planeOf(flight, tables) === undefined) tell('plane', 'NOT_FOUND');
    if (route === undefined) tell('route', 'NOT_FOUND');
    else if (isTooOld(route, asOf)) tell('route', 'OUTSIDE_MAX_AGE');
    if (pulseOf(asOf, tables) === undefined) tell('pulse', 'NOT_FOUND');
    if (weatherOf(flight, asOf, tables) === undefined) tell('weather', 'NOT_FOUND');
    if (!tables.airport.has(flight.dest)) tell('dest_airport', 'NOT_FOUND');
    if (!tables.airport.has(flight.origin)) tell('home_airport', 'NOT_FOUND');
  }
  return [...entries.values()].sort(byViewAndStatus);
}

export function byViewAndStatus(left: DegradedView, right: DegradedView): number {
  return `${left.view} ${left.status} ${left.source}` < `${right.view} ${right.status} ${right.source}` ? -1 : 1;
}

function planeOf({ tailnum }: Flight, tables: Tables): Row | undefined {
  return tailnum === undefined || tailnum === null ? undefined : tables.plane.get(tailnum);
}

function routeOf({ origin, dest }: Flight, tables: Tables): Row | undefined {
  return tables.route.get(`${origin} ${dest}`);
}

function pulseOf(asOf: number, tables: Tables): Row | undefined {
  return tables.pulse.get(`${hourOf(asOf)}`);
}

/** The last full hour: row H is complete an hour after H. */
function weatherOf({ origin }: Flight, asOf: number, tables: Tables): Row | undefined {
  return tables.weather.get(`${origin} ${hourOf(asOf - HOUR_MS)}`);
}

function isTooOld(row: Row, asOf: number): boolean {
  return asOf - number(row, '_ts') > MAX_AGE_MS;
}

/** The UTC hour that a moment is in, as epoch ms. */
function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

function number(row: Row | undefined, field: string): number {
  const value = row?.[field] ?? null;
  return value === null ? Number.NaN : Number(value);
}

const newYork = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  year: 'numeric',
  hour: 'numeric',
});

function inNewYork(ms: number): { year: number; hour: number } {
  const parts = newYork.formatToParts(ms);
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value);
  return { year: part('year'), hour: part('hour') };
}
