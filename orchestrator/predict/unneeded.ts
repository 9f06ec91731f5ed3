import { newBytes } from '../../foundation/slab.ts';
import { nullValues } from '../plan/column.ts';
import { STATE_UNNEEDED, type Frame, type OverrideColumn } from '../plan/frame.ts';
import type { ModelPlan, Plan, SlotPlan } from '../plan/plan.ts';

/** Marks the cells that nothing reads in a call that overrides or drops features, so that they are not gathered. */
export type MarkUnneeded = (frame: Frame, overrides: (OverrideColumn | undefined)[]) => void;

/** A slot with what it is made from. */
interface Step {
  slot: number;
  reads: readonly SlotPlan[];
}

/**
 * Who sends `plane_age` does not want the plane's year read for it, let alone to be refused for its lack. So need is
 * passed from what the model takes down to what it is made from, row by row, and stops where a value was sent.
 */
export function compileUnneeded(plan: Plan, model: ModelPlan): MarkUnneeded {
  const roots = [...model.features.map(({ slot }) => slot), ...(model.fallback?.reads ?? [])];
  const isRoot = new Set(roots.map(({ slot }) => slot));
  /** Fields and functions that serve only to make others: those of the model itself are always needed. */
  const inner = model.levels.flatMap(({ calls, fetches }) =>
    [...calls, ...fetches.flatMap(({ fields }): readonly SlotPlan[] => fields)].filter(({ slot }) => !isRoot.has(slot)),
  );
  if (inner.length === 0) return () => {};
  const steps = stepsFromLast(plan, model);

  return (frame, overrides) => {
    const rowsOf = (slot: SlotPlan): number => (slot.perInstance ? frame.rows : 1);
    const needed: (Uint8Array | undefined)[] = [];
    for (const root of roots) needed[root.slot] = newBytes(rowsOf(root)).fill(1);
    for (const { slot, reads } of steps) {
      const wanted = needed[slot];
      if (wanted === undefined) continue;
      const sent = overrides[slot]?.states;
      for (let row = 0; row < wanted.length; row++) {
        if (wanted[row] === 0 || (sent !== undefined && sent[row] !== 0)) continue;
        for (const read of reads) (needed[read.slot] ??= newBytes(rowsOf(read)))[read.perInstance ? row : 0] = 1;
      }
    }
    for (const field of inner) {
      const rows = rowsOf(field);
      const wanted = needed[field.slot];
      if (wanted && !wanted.includes(0)) continue;
      const column = (overrides[field.slot] ??= { values: nullValues(field.type, rows), states: newBytes(rows) });
      for (let row = 0; row < rows; row++) {
        if (column.states[row] === 0 && (wanted === undefined || wanted[row] === 0))
          column.states[row] = STATE_UNNEEDED;
      }
    }
  };
}

/** What is made from other gathered values, each before all that it is made from. */
function stepsFromLast({ madeFrom }: Plan, { levels }: ModelPlan): Step[] {
  const slots = levels.flatMap(({ computes, calls, fetches }) => [
    ...[...computes, ...calls].map(({ slot }) => slot),
    ...fetches.flatMap(({ fields }) => fields.map(({ slot }) => slot)),
  ]);
  return slots
    .map((slot) => ({ slot, reads: madeFrom.get(slot) ?? [] }))
    .filter(({ reads }) => reads.length > 0)
    .toReversed();
}
