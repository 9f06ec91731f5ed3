import { spreadStates, spreadTimestamps, spreadValues } from '../scatter.ts';
import type { FeatureSource, Keys } from '../source.ts';
import type { Columns } from '../../plan/column.ts';

/** A source that is asked for each key once, also where a fetch has one twice: its rows are repeated. */
export function eachKeyOnce(source: FeatureSource): FeatureSource {
  return {
    ...source,
    fetch(keys, fields, options) {
      const rows = new Map<string, number>();
      for (const text of keys.text) if (!rows.has(text)) rows.set(text, rows.size);
      if (rows.size === keys.count) return source.fetch(keys, fields, options);
      const distinct: Keys = { count: rows.size, text: [...rows.keys()] };
      const index = Int32Array.from(keys.text, (text) => rows.get(text)!);
      const fetched = source.fetch(distinct, fields, options);
      return fetched instanceof Promise ? fetched.then((block) => repeat(block, index)) : repeat(fetched, index);
    },
  };
}

/** No key is without a row, so what stands for missing ones is never used. */
function repeat(block: Columns, index: Int32Array): Columns {
  const repeated: Columns = {
    rows: index.length,
    values: block.values.map((values) => spreadValues(values, index, null)),
    states: block.states.map((states) => spreadStates(states, index, 0)),
    timestampMs: spreadTimestamps(block.timestampMs, index),
  };
  if (block.freshMs) repeated.freshMs = spreadTimestamps(block.freshMs, index);
  return repeated;
}
