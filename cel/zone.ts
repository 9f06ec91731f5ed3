const DAY_MS = 86_400_000;
/** Every transition since 1900 falls on a quarter of an hour of UTC. */
const QUARTER_MS = 900_000;
/** A power of two; 2048 days are five and a half years in 24 KiB a zone. */
const DAYS_KEPT = 2048;
const QUARTERS_KEPT = 4096;
const ZONES_KEPT = 1000;
/** Where Date and Intl end (ECMA-262, time values). */
const LAST_DATE_MS = 8.64e15;
const MIXED = 0x7fff_ffff;

/** A time zone: what to add to epoch milliseconds to read the local calendar as if it were UTC. */
export interface Zone {
  offsetAt(epochMs: number): number;
}

export const UTC: Zone = { offsetAt: () => 0 };

/**
 * A zone of the IANA database. Intl.DateTimeFormat takes microseconds, so offsets are kept a UTC day (a direct-mapped
 * table), and a quarter of an hour on the two days a year that have two offsets.
 */
class DatabaseZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Float64Array(DAYS_KEPT).fill(Number.NaN);
  readonly #offsets = new Int32Array(DAYS_KEPT);
  readonly #quarters = new Map<number, number>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  offsetAt(epochMs: number): number {
    const day = Math.floor(epochMs / DAY_MS);
    const at = day & (DAYS_KEPT - 1);
    if (this.#days[at] !== day) {
      const first = this.#read(day * DAY_MS);
      this.#offsets[at] = first === this.#read((day + 1) * DAY_MS) ? first : MIXED;
      this.#days[at] = day;
    }
    const offset = this.#offsets[at];
    return offset === MIXED ? this.#quarterOffset(Math.floor(epochMs / QUARTER_MS)) : offset;
  }

  #quarterOffset(quarter: number): number {
    let offset = this.#quarters.get(quarter);
    if (offset === undefined) {
      if (this.#quarters.size >= QUARTERS_KEPT) this.#quarters.clear();
      offset = this.#read(quarter * QUARTER_MS);
      this.#quarters.set(quarter, offset);
    }
    return offset;
  }

  /** `GMT-05:00`, `GMT`, or with seconds where a place still kept its own sun (`GMT-04:56:02`). */
  #read(epochMs: number): number {
    if (!(Math.abs(epochMs) <= LAST_DATE_MS)) return 0;
    const name = this.#format.formatToParts(epochMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
    const match = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name);
    if (!match) return 0;
    const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
    return (match[1] === '-' ? -seconds : seconds) * 1000;
  }
}

const opened = new Map<string, Zone | undefined>();
let lastName = 'UTC';
let lastZone: Zone | undefined = UTC;

/** The zone of an IANA name (`America/New_York`) or a fixed offset (`+05:30`, `-08:00`); undefined for any other text. */
export function openZone(name: string): Zone | undefined {
  if (name === lastName) return lastZone;
  let zone = opened.get(name);
  if (zone === undefined && !opened.has(name)) {
    zone = readZone(name);
    // Names may come from rows: an endless supply of them must not become an endless map.
    if (opened.size < ZONES_KEPT) opened.set(name, zone);
  }
  lastName = name;
  lastZone = zone;
  return zone;
}

function readZone(name: string): Zone | undefined {
  if (name === 'UTC' || name === 'Z') return UTC;
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(name);
  if (fixed) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3]);
    if (Number(fixed[2]) > 23 || Number(fixed[3]) > 59) return undefined;
    const offset = (fixed[1] === '-' ? -minutes : minutes) * 60_000;
    return { offsetAt: () => offset };
  }
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return undefined;
  try {
    return new DatabaseZone(name);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The first moment of the local day that `epochMs` is in. Where clocks go forward at midnight the day begins at one
 * o'clock, the moment of the change; where midnight comes twice, at the first of the two.
 */
export function startOfDay(epochMs: number, zone: Zone): number {
  const midnight = Math.floor((epochMs + zone.offsetAt(epochMs)) / DAY_MS) * DAY_MS;
  const near = midnight - zone.offsetAt(epochMs);
  const before = zone.offsetAt(near - DAY_MS / 4);
  if (zone.offsetAt(midnight - before) === before) return midnight - before;
  const after = zone.offsetAt(near + DAY_MS / 4);
  return zone.offsetAt(midnight - after) === after ? midnight - after : midnight - before;
}
