import type { Values } from '../../cel/types.ts';
import type { Frame } from '../plan/frame.ts';
import type { FeaturePlan } from '../plan/plan.ts';

type Numbers = Float64Array | Float32Array;

/**
 * Fills one feature into `target` from `offset` in steps of `stride`: categories as their index, timestamps as epoch
 * seconds, null as NaN. `rows` picks the instances that have not failed; all of them where undefined.
 */
export type FillColumn = (
  frame: Frame,
  target: Numbers,
  offset: number,
  stride: number,
  rows: Int32Array | undefined,
) => void;

export function compileColumn(feature: FeaturePlan): FillColumn {
  const { slot, perInstance, type } = feature.slot;
  const read = numberReader(feature);
  const isPlain = feature.codes === undefined && type !== 'timestamp';
  return (frame, target, offset, stride, rows) => {
    const values = frame.values[slot];
    const count = rows === undefined ? frame.rows : rows.length;
    let at = offset;
    if (!perInstance) {
      const value = read(values, 0);
      for (let row = 0; row < count; row++, at += stride) target[at] = value;
    } else if (rows !== undefined) {
      for (let row = 0; row < count; row++, at += stride) target[at] = read(values, rows[row]);
    } else if (isPlain) {
      const numbers = values as Float64Array;
      for (let row = 0; row < count; row++, at += stride) target[at] = numbers[row]!;
    } else {
      for (let row = 0; row < count; row++, at += stride) target[at] = read(values, row);
    }
  };
}

function numberReader(feature: FeaturePlan): (values: Values, row: number) => number {
  const { codes } = feature;
  // An instance that fails is not sent: what stands in its row is seen by nobody but `:features`.
  const unknown = feature.unknown === 'fail' ? Number.NaN : feature.unknown;
  const nulls = feature.nulls === 'fail' ? Number.NaN : feature.nulls;
  if (codes) {
    return (values, row) => {
      const text = (values as (string | null)[])[row]!;
      return text === null ? nulls : (codes.get(text) ?? unknown);
    };
  }
  if (feature.slot.type === 'timestamp') return (values, row) => (values as Float64Array)[row] / 1000;
  return (values, row) => (values as Float64Array)[row];
}
