import { formatTimestamp } from '../../foundation/timestamp.ts';
import type { Frame } from '../plan/frame.ts';
import type { InputPlan } from '../plan/plan.ts';

/** What names an instance in an answer: as the caller wrote it, an int64 beyond 2^53 as its decimal text. */
export type InstanceId = string | number | boolean | null;

/** The ids of a frame's instances; undefined where the model has none, or the inputs were not decoded. */
export function readIds(id: InputPlan | undefined, frame: Frame): InstanceId[] | undefined {
  const values = id && frame.values[id.slot];
  if (!values) return undefined;
  const texts = id.textSlot === undefined ? undefined : frame.values[id.textSlot];
  return Array.from<string | number | null, InstanceId>(values, (value, row) => {
    if (typeof value !== 'number') return value;
    if (Number.isNaN(value)) return texts?.[row] ?? null;
    if (id.type === 'timestamp') return formatTimestamp(value);
    return id.type === 'bool' ? value === 1 : value;
  });
}
