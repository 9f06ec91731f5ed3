import type { ScalarType } from '../cel/types.ts';
import { formatTimestamp } from '../foundation/timestamp.ts';

/** What a column holds (numbers: bool 0/1, timestamps epoch ms) as the JSON of a row has it, by type. */
export const JSON_VALUE: Record<ScalarType, (cell: number | string) => number | string | boolean> = {
  bool: (cell) => cell === 1,
  int64: (cell) => cell,
  double: (cell) => cell,
  string: (cell) => cell,
  timestamp: (cell) => formatTimestamp(Number(cell)),
};
