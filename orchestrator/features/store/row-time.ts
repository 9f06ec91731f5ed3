import { parseTimestampMs } from '../../../foundation/timestamp.ts';
import type { Row } from '../source.ts';
import { TIMESTAMP_FIELD } from './json-row.ts';

/** When a row to write was true, epoch ms; NaN where it does not say. */
export function rowTimeMs({ values, timestampMs }: Row): number {
  if (timestampMs !== undefined) return timestampMs;
  const text = values[TIMESTAMP_FIELD];
  return typeof text === 'string' ? parseTimestampMs(text) : Number.NaN;
}
