const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** How long ago, in the largest unit that it fills, one decimal below ten: `2.5h`, `40d`, `12ms`. */
export function formatAge(ms: number): string {
  for (const [unit, unitMs] of UNITS) if (ms >= unitMs) return `${rounded(ms / unitMs)}${unit}`;
  return `${Math.round(ms)}ms`;
}

/** How long something took, to the microsecond. */
export function formatMs(ms: number): string {
  return `${ms.toFixed(3)}ms`;
}

function rounded(value: number): string {
  return String(value < 10 ? Number(value.toFixed(1)) : Math.round(value));
}
