import { compileNode } from './compile-node.ts';
import type { CheckedExpression, Evaluate, Slot } from './expression.ts';
import { openZone, UTC } from './zone.ts';

/**
 * The closure of a checked expression. `slotOf` gives the place of each name it reads; `timezone` is for calls that name
 * none, default UTC. The closure allocates nothing for numbers and never throws.
 */
export function compileExpression(
  checked: CheckedExpression,
  slotOf: (name: string) => Slot,
  options: { timezone?: string } = {},
): Evaluate {
  const zone = options.timezone === undefined ? UTC : openZone(options.timezone);
  if (!zone) throw new RangeError(`there is no time zone '${options.timezone}'`);
  return compileNode(checked.ast, { slotOf, zone }).evaluate;
}

/** Whether an expression has a value an instance, or one a request because all that it reads has. */
export function isPerInstance(checked: CheckedExpression, slotOf: (name: string) => Slot): boolean {
  return checked.reads.some((name) => slotOf(name).perInstance);
}
