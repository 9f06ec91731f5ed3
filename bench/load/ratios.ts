import { median } from './median.ts';

/** One divided by the other, round by round: neighbours in time, so that a busy minute weighs on both. */
export function ratiosOf<Cell>(
  cells: readonly Cell[],
  rivals: readonly Cell[],
  pick: (cell: Cell) => number,
): number[] {
  return rivals.length === 0 ? [] : cells.map((cell, round) => pick(cell) / pick(rivals[round]));
}

/** The middle one, with the least and the greatest. */
export function renderRatios(ratios: readonly number[]): string {
  if (ratios.length === 0) return 'not measured';
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
}

/** A line that says whether the middle one is what was aimed at. */
export function judge(aim: string, ratios: readonly number[], holds: (ratio: number) => boolean): string {
  if (ratios.length === 0) return `- ${aim}: not measured`;
  return `- ${aim}: ${median(ratios).toFixed(2)}, ${holds(median(ratios)) ? 'holds' : 'falls short'}`;
}
