import { isJsonObject } from '../../../foundation/json-object.ts';
import { parseTimestampMs } from '../../../foundation/timestamp.ts';
import { DECODERS } from '../decode-field.ts';
import type { RowBlock } from '../row-block.ts';
import type { FieldSpec } from '../source.ts';
import { compilePointer, pointerTo, pointerTokens } from './json-pointer.ts';

/** Where a view's answer has what: pointers within an item. */
export interface ItemPlaces {
  /** By field; a field that is not named is the member of its name. */
  at: Readonly<Record<string, string>>;
  /** When the item was true; undefined: when it was fetched. */
  timestamp: string | undefined;
}

/** Reads an item into row `row` of a block; `fetchedMs` (epoch) is its time unless it says one itself. */
export type DecodeItem = (item: unknown, block: RowBlock, row: number, fetchedMs: number) => void;

/**
 * The decoder of a view's items, strict as that of stores' rows: a value of another type is ERROR for its own cell, an
 * item that is no object (no list, where every pointer counts into one), or whose time is none, ERROR for its row.
 */
export function compileItemDecoder(fields: readonly FieldSpec[], places: ItemPlaces): DecodeItem {
  const pointers = fields.map(({ name }) => (Object.hasOwn(places.at, name) ? places.at[name] : pointerTo(name)));
  const reads = pointers.map(compilePointer);
  const decoders = fields.map(({ type }) => DECODERS[type]);
  const readTime = places.timestamp === undefined ? undefined : compilePointer(places.timestamp);
  const isItem = itemTest([...pointers, ...(places.timestamp === undefined ? [] : [places.timestamp])]);
  return (item, block, row, fetchedMs) => {
    if (!isItem(item)) return block.undecodable(row);
    const { values, timestampMs } = block.columns;
    if (readTime === undefined) timestampMs[row] = fetchedMs;
    else {
      const said = readTime(item);
      if (said !== undefined && said !== null) {
        const ms = typeof said === 'string' ? parseTimestampMs(said) : Number.NaN;
        if (ms !== ms) return block.undecodable(row);
        timestampMs[row] = ms;
      }
    }
    for (let at = 0; at < reads.length; at++) {
      const value = reads[at](item);
      if (value === undefined || value === null) {
        block.nullValue(at, row);
        continue;
      }
      const decoded = decoders[at](value);
      if (decoded === undefined) block.wrongType(at, row);
      else values[at][row] = decoded;
    }
  };
}

function itemTest(pointers: readonly string[]): (item: unknown) => boolean {
  if (pointers.includes('')) return () => true; // the item as a whole is a value
  const isList = pointers.every((pointer) => /^\d+$/.test(pointerTokens(pointer)[0]));
  return isList ? (item) => Array.isArray(item) || isJsonObject(item) : isJsonObject;
}
