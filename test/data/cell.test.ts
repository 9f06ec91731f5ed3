import { expect, test } from 'vitest';
import { cellReader, Misfit } from '../../data/cell.ts';

const MOMENT = Date.UTC(2013, 4, 5, 13);

test.each([
  ['text', 'int64', '2004', 2004],
  ['text', 'int64', '9007199254740993', '9007199254740993'],
  ['text', 'int64', '', null],
  ['text', 'double', '-1.5e3', -1500],
  ['text', 'bool', 'TRUE', 1],
  ['text', 'bool', 'false', 0],
  ['text', 'string', '', ''],
  ['text', 'string', '12', '12'],
  ['text', 'timestamp', '2013-05-05T13:00:00Z', MOMENT],
  ['text', 'timestamp', '2013-05-05 09:00:00-04', MOMENT],
  ['text', 'timestamp', '2013-05-05 13:00:00+00:00', MOMENT],
  ['text', 'timestamp', '2013-05-05', Date.UTC(2013, 4, 5)],
  ['double', 'int64', 2004, 2004],
  ['double', 'double', Number.NaN, null],
  ['int64', 'double', 3, 3],
  ['timestamp', 'timestamp', MOMENT + 0.75, MOMENT],
  ['json', 'bool', true, 1],
  ['json', 'double', 0.1, 0.1],
  ['json', 'int64', '12', 12],
  ['json', 'string', null, null],
] as const)('%s read as %s: %j is %j', (kind, type, cell, value) => {
  expect(cellReader(kind, type)(cell)).toBe(value);
});

test.each([
  ['text', 'int64', '1.5'],
  ['text', 'int64', '99999999999999999999'],
  ['text', 'int64', '9223372036854775808'],
  ['text', 'double', 'nan'],
  ['text', 'double', '1,5'],
  ['text', 'bool', '1'],
  ['text', 'timestamp', '2013-05-05 13:00:00'],
  ['double', 'int64', 1.5],
  ['double', 'double', Infinity],
  ['int64', 'string', 5],
  ['int64', 'bool', 1],
  ['string', 'double', '1.5'],
  ['json', 'double', '1.5'],
  ['json', 'string', 4],
  ['json', 'bool', 1],
  ['json', 'timestamp', 1_367_758_800],
  ['other', 'string', ''],
] as const)('%s read as %s: %j is a misfit, not a guess', (kind, type, cell) => {
  expect(cellReader(kind, type)(cell)).toBeInstanceOf(Misfit);
});
