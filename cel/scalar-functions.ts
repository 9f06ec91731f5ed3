const EARTH_RADIUS_KM = 6371.0088;
const RADIANS = Math.PI / 180;

/**
 * Great-circle distance in km between two places in degrees, on a sphere of the mean Earth radius (IUGG R1,
 * 6371.0088 km): up to 0.5 % off the ellipsoid. R. W. Sinnott, "Virtues of the Haversine", 1984.
 */
export function haversine(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const half = Math.sin(((lat2 - lat1) * RADIANS) / 2) ** 2;
  const turn = Math.sin(((lon2 - lon1) * RADIANS) / 2) ** 2;
  const a = half + Math.cos(lat1 * RADIANS) * Math.cos(lat2 * RADIANS) * turn;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** To the nearest whole number, halves away from zero as SQL and CEL's math extension have it. */
export const round = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

/** What is not finite is null; `x - x` is 0 for finite numbers only. */
export const finite = (x: number): number => (x - x === 0 ? x : Number.NaN);

/** An int that is beyond 2^53, and so no longer exact, is null. */
export const exactInt = (x: number): number => (Math.abs(x) <= Number.MAX_SAFE_INTEGER ? x + 0 : Number.NaN);

/** Timestamps reach from year 1 to year 9999, as CEL's do; beyond is null. */
export const inCalendar = (epochMs: number): number =>
  epochMs >= -62_135_596_800_000 && epochMs <= 253_402_300_799_999 ? epochMs : Number.NaN;

/** `double("2.5")`: null for what is not a decimal number. */
export function parseDouble(text: string): number {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** `int("-12")`: null for what is not a decimal integer. */
export function parseInt64(text: string): number {
  return /^[+-]?\d{1,19}$/.test(text) ? exactInt(Number(text)) : Number.NaN;
}

/** `bool("true")`, in the spellings that CEL takes; null for others. */
export function parseBool(text: string): number {
  if (['true', 'TRUE', 'True', 't', '1'].includes(text)) return 1;
  return ['false', 'FALSE', 'False', 'f', '0'].includes(text) ? 0 : Number.NaN;
}

/** Unicode code points, as `size` counts. */
export function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    count++;
    if (text.codePointAt(at)! > 0xffff) at++;
  }
  return count;
}
