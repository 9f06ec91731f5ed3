import type { Columns, Values } from '../plan/column.ts';
import { newNumbers, newBytes } from '../../foundation/slab.ts';
import { newTexts } from '../plan/column.ts';
import { flawOf } from './answer-rows.ts';
import type { FeatureSource, FieldSpec, Keys } from './source.ts';

/** A decoded row, a value and a state for each field of its fetch. */
interface Row {
  values: (number | string | null)[];
  states: number[];
  timestampMs: number;
}

/**
 * A source that keeps the decoded rows it has met, so that calls one after the other ask for each key once: neighbours
 * in a file share most of their keys, and decoding is what a batch is made of. At `maxRows` it forgets them all and
 * begins anew, which bounds both memory and how old a row may be. For batches: live traffic has the cache for this.
 */
export function rememberRows(source: FeatureSource, maxRows: number): FeatureSource {
  /** By the list of fields that a step fetches: each step of a plan has one list for good. */
  const memories = new Map<readonly FieldSpec[], Map<string, Row>>();
  return {
    fetch(keys, fields, options) {
      const memory = memories.get(fields) ?? new Map<string, Row>();
      memories.set(fields, memory);
      const unknown = keys.text.filter((key) => !memory.has(key));
      if (unknown.length === 0) return assemble(keys, fields, memory);
      if (memory.size + unknown.length > maxRows) {
        memory.clear();
        return source.fetch(keys, fields, options);
      }
      const remember = (columns: Columns): Columns => {
        for (const [row, key] of unknown.entries()) memory.set(key, rowOf(columns, row));
        const assembled = assemble(keys, fields, memory);
        // What failed this time may be there the next.
        for (const [row, key] of unknown.entries()) if (flawOf(columns, row) !== 0) memory.delete(key);
        return assembled;
      };
      const fetched = source.fetch({ count: unknown.length, text: unknown }, fields, options);
      return fetched instanceof Promise ? fetched.then(remember) : remember(fetched);
    },
  };
}

function rowOf({ values, states, timestampMs }: Columns, row: number): Row {
  return {
    values: values.map((column) => column[row]),
    states: states.map((column) => column[row]),
    timestampMs: timestampMs[row],
  };
}

function assemble(keys: Keys, fields: readonly FieldSpec[], memory: ReadonlyMap<string, Row>): Columns {
  const values = fields.map(({ type }): Values => (type === 'string' ? newTexts(keys.count) : newNumbers(keys.count)));
  const states = fields.map(() => newBytes(keys.count));
  const timestampMs = newNumbers(keys.count);
  for (const [at, key] of keys.text.entries()) {
    const row = memory.get(key)!;
    for (let field = 0; field < fields.length; field++) {
      values[field][at] = row.values[field]!;
      states[field][at] = row.states[field];
    }
    timestampMs[at] = row.timestampMs;
  }
  return { rows: keys.count, values, states, timestampMs };
}
