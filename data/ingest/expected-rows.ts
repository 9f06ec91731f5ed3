import type { RowBatch } from './batches.ts';
import type { MatchedSource } from './match-sources.ts';

/**
 * How many rows there are in all: as the files say, else by the share of their bytes that is read with a batch. Undefined
 * where nobody can say.
 */
export function expectedRows(
  sources: readonly MatchedSource[],
  rowsSoFar: number,
  { end, share }: RowBatch,
): number | undefined {
  const totals = sources.map(({ totalRows = Number.NaN }) => totalRows);
  const told = sumOf(totals);
  if (!Number.isNaN(told)) return told;
  const sizes = sources.map(({ source: { bytes = Number.NaN } }) => bytes);
  const ofSource = share ?? end.rows / totals[end.source];
  const read = sumOf(sizes.slice(0, end.source)) + ofSource * sizes[end.source];
  const inAll = Math.round((rowsSoFar * sumOf(sizes)) / read);
  return Number.isFinite(inAll) ? Math.max(inAll, rowsSoFar) : undefined;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
