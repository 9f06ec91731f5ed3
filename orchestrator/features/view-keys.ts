import type { KeyPartPlan, ViewPlan } from '../plan/plan.ts';
import type { Frame } from '../plan/frame.ts';
import type { Keys } from './source.ts';
import { keyPartFormatter } from './store/row-key.ts';

/** The distinct keys of a view in one request, and which of them each row has. */
export interface RowKeys extends Keys {
  /** Row → key; -1 where a part of the key is null. Undefined when row i has key i: nothing repeats, nothing is null. */
  index: Int32Array | undefined;
  nullKeys: number;
}

/** Reads a view's keys off a frame: one row an instance, or one for the request. */
export type ReadKeys = (frame: Frame) => RowKeys;

type PartText = (frame: Frame, row: number) => string | null;

/** The key reader of a view: parts are formatted as the stores' keys are, joined, and merged where they repeat. */
export function compileKeys(view: ViewPlan): ReadKeys {
  const keyText = joinParts(view.key.map(compilePart));
  if (!view.perInstance) {
    return (frame) => {
      const text = keyText(frame, 0);
      return text === null
        ? { count: 0, text: [], index: Int32Array.of(-1), nullKeys: 1 }
        : { count: 1, text: [text], index: undefined, nullKeys: 0 };
    };
  }
  return (frame) => mergeKeys(frame, keyText);
}

function mergeKeys(frame: Frame, keyText: PartText): RowKeys {
  const { rows } = frame;
  const seen = new Map<string, number>();
  const text: string[] = [];
  let index: Int32Array | undefined;
  let nullKeys = 0;
  for (let row = 0; row < rows; row++) {
    const key = keyText(frame, row);
    let slot = -1;
    if (key === null) nullKeys++;
    else {
      const known = seen.get(key);
      slot = known ?? text.length;
      if (known === undefined) {
        seen.set(key, slot);
        text.push(key);
      }
    }
    if (index === undefined && slot !== row) index = identityUpTo(row, rows);
    if (index !== undefined) index[row] = slot;
  }
  return { count: text.length, text, index, nullKeys };
}

function identityUpTo(end: number, rows: number): Int32Array {
  const index = new Int32Array(rows);
  for (let row = 0; row < end; row++) index[row] = row;
  return index;
}

function compilePart(part: KeyPartPlan): PartText {
  const format = keyPartFormatter(part.type);
  const { slot, perInstance, evaluate } = part;
  if (slot === undefined) {
    return (frame, row) => {
      const value = evaluate(frame.values, row);
      return value === null || value !== value ? null : format(value);
    };
  }
  return (frame, row) => {
    const value = frame.values[slot][perInstance ? row : 0]!;
    return value === null || value !== value ? null : format(value);
  };
}

/** Parts joined as stores write them. One and two parts, nearly all keys, are spared the loop. */
function joinParts(parts: readonly PartText[]): PartText {
  const [first, second] = parts;
  if (first === undefined) return () => '';
  if (parts.length === 1) return first;
  if (parts.length === 2 && second !== undefined) {
    return (frame, row) => {
      const left = first(frame, row);
      const right = left === null ? null : second(frame, row);
      return right === null ? null : `${left}|${right}`;
    };
  }
  return (frame, row) => {
    let joined = '';
    for (let at = 0; at < parts.length; at++) {
      const text = parts[at](frame, row);
      if (text === null) return null;
      joined = at === 0 ? text : `${joined}|${text}`;
    }
    return joined;
  };
}
