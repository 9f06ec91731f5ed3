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

/** The table that each view reads. */
const TABLES = {
  plane: 'plane',
  route: 'route',
  pulse: 'pulse',
  weather: 'weather',
  dest_airport: 'airport',
  home_airport: 'airport',
} as const satisfies Record<string, keyof Tables>;

export type View = keyof typeof TABLES;

export const VIEWS = Object.keys(TABLES) as View[];

const NONE: ReadonlySet<View> = new Set();

/** The ten features of one flight, NaN where there is no value; `failed` views gave it no row. */
export function featuresOf(flight: Flight, request: Board['request'], tables: Tables, failed = NONE): number[] {
  const asOf = Date.parse(request.time);
  const keys = keysOf(flight, request);
  const rowOf = (view: View): Row | undefined => (failed.has(view) ? undefined : findRow(view, keys, tables));
  const [plane, route, weather] = [rowOf('plane'), rowOf('route'), rowOf('weather')];
  const carrier = CARRIERS.indexOf(flight.carrier);
  return [
    Number(flight.distance),
    inNewYork(Date.parse(flight.departs)).hour,
    number(rowOf('dest_airport'), 'tz') - number(rowOf('home_airport'), 'tz'),
    inNewYork(asOf).year - number(plane, 'year'),
    plane === undefined ? 150 : number(plane, 'seats'),
    route === undefined || isTooOld(route, asOf) ? Number.NaN : number(route, 'late_share'),
    number(rowOf('pulse'), 'mean_delay'),
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
  const entries = new Map<string, DegradedView>();
  for (const flight of instances) {
    for (const [view, status] of unusableOf(flight, request, tables)) {
      const entry = entries.get(`${view} ${status}`);
      if (entry === undefined) entries.set(`${view} ${status}`, { view, status, source: 'none', count: 1 });
      else entry.count += 1;
    }
  }
  return [...entries.values()].sort(byViewAndStatus);
}

export function byViewAndStatus(left: DegradedView, right: DegradedView): number {
  return `${left.view} ${left.status} ${left.source}` < `${right.view} ${right.status} ${right.source}` ? -1 : 1;
}

/** The views that have no row for a flight, or none that may be used, each with its status. */
export function unusableOf(flight: Flight, request: Board['request'], tables: Tables): Map<View, string> {
  const keys = keysOf(flight, request);
  const unusable = new Map<View, string>();
  for (const view of VIEWS) {
    const row = findRow(view, keys, tables);
    if (row === undefined) unusable.set(view, 'NOT_FOUND');
    else if (view === 'route' && isTooOld(row, Date.parse(request.time))) unusable.set(view, 'OUTSIDE_MAX_AGE');
  }
  return unusable;
}

/** What each view finds a flight's row by; undefined where the flight does not say it. */
export function keysOf(
  { tailnum, origin, dest }: Flight,
  { time }: Board['request'],
): Record<View, string | undefined> {
  const asOf = Date.parse(time);
  return {
    plane: tailnum ?? undefined,
    route: `${origin} ${dest}`,
    pulse: `${hourOf(asOf)}`,
    // The last full hour: row H is complete an hour after H.
    weather: `${origin} ${hourOf(asOf - HOUR_MS)}`,
    dest_airport: dest,
    home_airport: origin,
  };
}

function findRow(view: View, keys: Record<View, string | undefined>, tables: Tables): Row | undefined {
  const key = keys[view];
  return key === undefined ? undefined : tables[TABLES[view]].get(key);
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
