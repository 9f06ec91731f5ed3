/** What `getFullYear` and its kin read from local milliseconds (epoch ms plus the zone's offset), without a Date. */
const DAY_MS = 86_400_000;
const DAYS_TO_1970 = 719_162;

const dayOf = (local: number): number => Math.floor(local / DAY_MS);
const within = (local: number, part: number, count: number): number => {
  const whole = Math.floor(local / part);
  return whole - Math.floor(whole / count) * count;
};

export const hours = (local: number): number => within(local, 3_600_000, 24);
export const minutes = (local: number): number => within(local, 60_000, 60);
export const seconds = (local: number): number => within(local, 1000, 60);
export const milliseconds = (local: number): number => within(local, 1, 1000);
/** 0 is Sunday. 1970-01-01 was a Thursday. */
export const dayOfWeek = (local: number): number => within(local + 4 * DAY_MS, DAY_MS, 7);

export const year = (local: number): number => Math.floor(packedDate(dayOf(local)) / 512);
/** 0 is January. */
export const month = (local: number): number => Math.floor((packedDate(dayOf(local)) % 512) / 32);
/** 1 is the first of the month. */
export const date = (local: number): number => packedDate(dayOf(local)) % 32;
/** 0 is the first of January. */
export const dayOfYear = (local: number): number => {
  const before = year(local) - 1;
  const first = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  return dayOf(local) - first + DAYS_TO_1970;
};

/**
 * `year * 512 + month * 32 + date` of a day since 1970 in the proleptic Gregorian calendar, one number so that nothing is
 * allocated. After "days to civil" of Howard Hinnant, chrono-compatible low-level date algorithms: years begin in March.
 */
function packedDate(day: number): number {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
  const dayFromMarch = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const monthFromMarch = ((5 * dayFromMarch + 2) / 153) | 0;
  const dayOfMonth = dayFromMarch - (((153 * monthFromMarch + 2) / 5) | 0) + 1;
  const monthOfYear = monthFromMarch < 10 ? monthFromMarch + 2 : monthFromMarch - 10;
  return (yearOfEra + era * 400 + (monthOfYear < 2 ? 1 : 0)) * 512 + monthOfYear * 32 + dayOfMonth;
}
