import { expect, test } from 'vitest';
import { originalRow } from '../../../data/ingest/original-row.ts';
import type { CellKind, Cells, Chunk } from '../../../data/rows.ts';

const COLUMNS: [string, CellKind, Cells][] = [
  ['flag', 'bool', Float64Array.of(1, Number.NaN)],
  ['when', 'timestamp', Float64Array.of(1367758800123.456, Number.NaN)],
  ['half', 'double', Float64Array.of(0.5, Number.NaN)],
  ['whole', 'int64', ['9007199254740993', null]],
  ['word', 'text', ['', null]],
  ['any', 'json', [{ a: [1] }, undefined]],
  ['list', 'other', ['', null]],
  ['unread', 'double', []],
];

test('a row is told by the columns that were read, as JSON has its values', () => {
  const columns = COLUMNS.map(([name, kind]) => ({ name, kind }));
  const chunk: Chunk = { rows: 2, place: (row) => row, cells: COLUMNS.map(([, , cells]) => cells), broken: new Map() };
  expect([0, 1].map((row) => originalRow(columns, chunk, row))).toEqual([
    {
      flag: true,
      when: '2013-05-05T13:00:00.123Z',
      half: 0.5,
      whole: '9007199254740993',
      word: '',
      any: { a: [1] },
    },
    { flag: null, when: null, half: null, whole: null, word: null },
  ]);
});
