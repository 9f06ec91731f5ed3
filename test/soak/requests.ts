import type { Board, Flight } from '../reference/flights.ts';
import type { Random } from './random.ts';

const HOUR_MS = 3_600_000;

/** Moments at which a mistake about hours, days, years or ages would show. */
const EDGES = [
  '2012-06-01T12:00:00Z', // before any row was known: live, such a row has age 0
  '2013-01-01T04:59:59.999Z', // the year begins in New York five hours after UTC
  '2013-01-01T05:00:00Z',
  '2013-03-10T06:59:59.999Z', // the clocks go forward
  '2013-03-10T07:00:00Z',
  '2013-07-04T03:59:59+00:00', // the local day before
  '2013-09-01T08:00:00.000-04:00',
  '2013-11-03T05:30:00Z', // the clocks go back: this local hour comes twice
  '2013-11-03T06:30:00Z',
  '2013-12-31T23:59:59.999-05:00',
  '2014-01-01T05:00:00Z',
  '2014-05-06T00:00:00Z', // a route's row is 400 days old to the millisecond
  '2014-05-06T00:00:00.001Z',
  '2014-06-01T00:00:00Z',
];
/** Tail numbers that no table has; the last three would break a key that is not escaped. */
const UNKNOWN_TAILS = ['N0', 'n10156', '', 'N10156|', 'nyc:plane:N10156', '%00 é😀'];
const ODD_AIRPORTS = ['SJU', 'BQN', 'ORD', 'LGA', 'ZZZ', ''];

/**
 * Requests of 1 to 20 departures: most are rows of real boards at a real or an awkward moment, some of them with a tail
 * number, airport, carrier or time that no table has. Every id is used once, so that a row of another request shows.
 */
export function makeRequests(boards: readonly Board[], count: number, random: Random): Board[] {
  return Array.from({ length: count }, (_, request) => {
    const board = random.pick(boards);
    const time = random.chance(0.5) ? board.request.time : awkwardTime(random);
    const size = 1 + random.below(20);
    const instances = Array.from({ length: size }, (__, row) => ({
      ...bend(random.pick(board.instances), time, random),
      id: `r${request}-${row}`,
    }));
    // Alone, a bad departure would fail the whole request; among others it must not touch them.
    if (size > 1 && random.chance(0.05)) instances[random.below(size)].distance = 'far';
    return { request: { time }, instances };
  });
}

/** Real departures as they are, or with one thing about them changed. */
function bend(flight: Flight, time: string, random: Random): Flight {
  if (random.chance(0.6)) return { ...flight };
  return random.pick<() => Flight>([
    () => ({ ...flight, tailnum: null }),
    () => ({ ...flight, tailnum: undefined }), // left out of the JSON
    () => ({ ...flight, tailnum: random.pick(UNKNOWN_TAILS) }),
    () => ({ ...flight, dest: random.pick(ODD_AIRPORTS) }),
    () => ({ ...flight, origin: random.pick(ODD_AIRPORTS) }),
    () => ({ ...flight, carrier: random.pick(['ZZ', '', 'aa', '9E', 'YV']) }),
    () => ({ ...flight, departs: random.pick(EDGES) }),
    () => ({ ...flight, departs: new Date(Date.parse(time) + random.below(4 * HOUR_MS)).toISOString() }),
    () => ({ ...flight, distance: random.next() * 5000 }),
  ])();
}

function awkwardTime(random: Random): string {
  if (random.chance(0.3)) return random.pick(EDGES);
  const hour = Date.UTC(2013, 0, 1) + random.below(365 * 24) * HOUR_MS;
  return new Date(hour + random.pick([0, 1, HOUR_MS - 1, random.below(HOUR_MS)])).toISOString();
}
