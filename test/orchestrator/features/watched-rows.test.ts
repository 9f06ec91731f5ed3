import { expect, test, vi, type Mock } from 'vitest';
import { RowBlock } from '../../../orchestrator/features/row-block.ts';
import type { FeatureSource, FieldSpec } from '../../../orchestrator/features/source.ts';
import { RowCounts, watchRows } from '../../../orchestrator/features/watched-rows.ts';
import { Status } from '../../../orchestrator/plan/column.ts';

const FIELDS: FieldSpec[] = [
  { name: 'year', type: 'int64' },
  { name: 'maker', type: 'string' },
  { name: 'seats', type: 'int64' },
];
const NOW = 1_000_000;

/** A source whose row of key `null`, `gone`, `late` or `broken` is that; any other has all its fields, true since `NOW - key`. */
const source: FeatureSource = {
  fetch({ count, text }, fields) {
    const block = new RowBlock(fields, count);
    for (const [row, key] of text.entries()) {
      if (key === 'gone') block.missing(row);
      else if (key === 'late') block.unknown(row, Status.TIMEOUT);
      else if (key === 'broken') block.undecodable(row);
      else {
        if (key === 'null') block.nullValue(1, row);
        block.columns.timestampMs[row] = key === 'null' ? Number.NaN : NOW - Number(key);
      }
    }
    return block.columns;
  },
};

function watched(): { counts: RowCounts; read: (...text: string[]) => void; onNothingFound: Mock<() => void> } {
  const counts = new RowCounts();
  const onNothingFound = vi.fn<() => void>();
  const watching = watchRows(source, { counts, epochMs: () => NOW, onNothingFound });
  const options = { asOfMs: 0, deadlineMs: Infinity, signal: new AbortController().signal };
  return {
    counts,
    onNothingFound,
    read: (...text) => void watching.fetch({ count: text.length, text }, FIELDS, options),
  };
}

test('rows are counted by what was found, nulls by their field, ages by the time of day', () => {
  const { counts, read } = watched();
  read('2000', 'null', 'gone', 'late', 'broken', '500');
  read('-300', 'null');
  expect(counts).toMatchObject({ found: 5, missing: 1, failed: 2, timed: 3, ageMs: 2500, newestMs: NOW + 300 });
  expect(Object.fromEntries(counts.nulls)).toEqual({ maker: 2 });
});

test('that the first thousand keys have no row is told once, and not where one had', () => {
  const gone = Array.from({ length: 999 }, () => 'gone');
  const empty = watched();
  empty.read(...gone);
  expect(empty.onNothingFound).not.toHaveBeenCalled();
  empty.read('gone');
  empty.read('gone');
  expect(empty.onNothingFound).toHaveBeenCalledOnce();
  const filled = watched();
  filled.read('1', ...gone, 'gone', 'gone');
  expect(filled.onNothingFound).not.toHaveBeenCalled();
});
