const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const PART = /(\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(ns|us|µs|ms|s|m|h|d)/y;
/** A day either way of ten thousand years: what CEL's durations span. */
const LONGEST_MS = 315_576_000_000_000;

/**
 * Milliseconds of a duration as CEL writes it (`90m`, `-1.5h`, `2h45m`; also `1d`, which is 24 hours), NaN for any
 * other text and for one that is not whole milliseconds: timestamps have no finer step here.
 */
export function parseDurationText(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  let at = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  if (at === text.length) return Number.NaN;
  let total = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (!part) return Number.NaN;
    total += Number(part[1]) * UNIT_MS[part[2]];
    at = PART.lastIndex;
  }
  const whole = Math.round(total);
  return Math.abs(total - whole) < 1e-6 && whole <= LONGEST_MS ? sign * whole + 0 : Number.NaN;
}
