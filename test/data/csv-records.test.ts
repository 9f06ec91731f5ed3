import { array, assert, constantFrom, integer, option, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvRecords, delimiterOf, type CsvRecord } from '../../data/csv-records.ts';

/** The records of a text, whose lines come in blocks of `size`. */
function recordsOf(text: string, delimiter = ',', size = Infinity): CsvRecord[] {
  const lines = text.split('\n');
  const parser = new CsvRecords(delimiter);
  const records: CsvRecord[] = [];
  for (let from = 0; from < lines.length; from += Math.min(size, lines.length)) {
    parser.take(lines.slice(from, from + size), from + 1, records);
  }
  parser.end(records);
  return records;
}
const cellsOf = (text: string, delimiter?: string) => recordsOf(text, delimiter).map(({ cells }) => cells);
const problemsOf = (text: string) =>
  recordsOf(text).map(({ line, problem }) => (problem ? `${line} ${problem}` : line));

describe('records of a CSV', () => {
  test('have null for an empty cell, and the empty text for a quoted one', () => {
    expect(cellsOf('a,,""\n,\r\n"",x\r')).toEqual([
      ['a', null, ''],
      [null, null],
      ['', 'x'],
    ]);
  });

  test('hold delimiters, line breaks and quotes within quotes', () => {
    expect(cellsOf('"a,b","c\r\nd","say ""hi"""\nx,y,z')).toEqual([
      ['a,b', 'c\r\nd', 'say "hi"'],
      ['x', 'y', 'z'],
    ]);
  });

  test('take a quote within a bare cell for text', () => {
    expect(cellsOf('5" pipe,6"')).toEqual([['5" pipe', '6"']]);
  });

  test('stand on the line where they begin', () => {
    expect(recordsOf('a\n"b\nc\nd"\ne').map(({ line, text }) => [line, text])).toEqual([
      [1, 'a'],
      [2, '"b\nc\nd"'],
      [5, 'e'],
    ]);
  });

  test('with text behind a closing quote are wrong alone', () => {
    expect(problemsOf('a\n"b"c\nd')).toEqual([1, '2 has text behind a closing quote', 3]);
  });

  test('whose quote is never closed are wrong alone: the rows behind are rows', () => {
    expect(problemsOf('a,b\n"c,d\ne,f\ng,h')).toEqual([1, '2 has a quote that is never closed', 3, 4]);
    expect(recordsOf('"c,d\ne,f')[0].text).toBe('"c,d');
  });

  test('of any cells are read back as they were written, in blocks of any size', () => {
    const cell = option(string({ unit: constantFrom('a', '"', ',', '\n', '\r', ';', ' ', 'é') }));
    const rows = array(array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    assert(
      property(rows, integer({ min: 1, max: 5 }), constantFrom('\n', '\r\n'), (given, size, ending) => {
        const written = given.map((cells) =>
          cells.map((text) => (text === null ? '' : `"${text.replaceAll('"', '""')}"`)).join(','),
        );
        expect(recordsOf(written.join(ending), ',', size).map(({ cells }) => cells)).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  test('of any text have every line of it in one record', () => {
    const text = string({ unit: constantFrom('a', '"', '"', ',', '\n'), maxLength: 60 });
    assert(
      property(text, integer({ min: 1, max: 5 }), (given, size) => {
        expect(
          recordsOf(given, ',', size)
            .map((record) => record.text)
            .join('\n'),
        ).toBe(given);
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['a,b', ','],
  ['a;b;c', ';'],
  ['a\tb', '\t'],
  ['a|b', '|'],
  ['"a,b,c";d', ';'],
  ['a', ','],
])('the delimiter of %j is %j', (header, delimiter) => {
  expect(delimiterOf(header)).toBe(delimiter);
});
