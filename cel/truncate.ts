import { parseDurationMs } from '../foundation/duration.ts';
import { startOfDay } from './zone.ts';
import type { Zone } from './zone.ts';

const DAY_MS = 86_400_000;

/** Whether a step of `truncate` is on the local day, and so needs a time zone. */
export const isLocalStep = (step: string): boolean => step === '1d';

/** What is wrong with a step of `truncate`, or undefined. */
export function stepProblem(step: string): string | undefined {
  if (isLocalStep(step)) return undefined;
  const ms = parseDurationMs(step);
  if (ms !== undefined && !step.endsWith('d') && ms >= 1 && DAY_MS % ms === 0) return undefined;
  return `truncate cannot step by '${step}'; write '1d' for the local day, or what divides a day, as '15m', '1h' or '6h'`;
}

/** `truncate(t, step)`: down to a whole step of UTC, or by `1d` to the first moment of the local day. */
export function openTruncate(step: string, zone: Zone): (epochMs: number) => number {
  if (isLocalStep(step)) return (epochMs) => startOfDay(epochMs, zone);
  const ms = parseDurationMs(step) ?? Number.NaN;
  return (epochMs) => Math.floor(epochMs / ms) * ms;
}
