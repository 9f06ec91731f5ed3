import type { ScalarType } from '../../cel/types.ts';
import { parseTimestampMs } from '../../foundation/timestamp.ts';

/** A JSON value as its column holds it; undefined where it has not the type. */
export type DecodeField = (value: unknown) => number | string | undefined;

/** By type, strict: a string is never read as a number. Stores' rows and services' items are decoded alike. */
export const DECODERS: Record<ScalarType, DecodeField> = {
  bool: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
  int64: decodeInt64,
  double: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  string: (value) => (typeof value === 'string' ? value : undefined),
  timestamp(value) {
    const ms = typeof value === 'string' ? parseTimestampMs(value) : Number.NaN;
    return ms === ms ? ms : undefined;
  },
};

/** A whole number or its decimal text; beyond 2^53 a feature would be another number than the row's, so it is none. */
function decodeInt64(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}
