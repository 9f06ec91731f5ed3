import type { Output } from './call.ts';

/** Row indexes of the `topK` highest values, highest first; nulls are left out, equals keep the request's order. */
export function rankRows(values: Output['values'], topK: number): number[] {
  if (!(values instanceof Float64Array)) return [];
  const rows = Array.from({ length: values.length }, (_, row) => row).filter((row) => !Number.isNaN(values[row]));
  return rows.sort((left, right) => values[right] - values[left] || left - right).slice(0, topK);
}
