import type { DataType, Vector } from 'apache-arrow';
import type { CellKind, Cells, FileColumn } from '../rows.ts';
import type { Arrow } from './arrow-library.ts';

/** A column of an Arrow file, and how its values are read as cells. */
export interface ArrowColumn extends FileColumn {
  cellOf: (value: unknown) => unknown;
}

const asItIs = (value: unknown): unknown => value;

/** How a column of an Arrow type is read. A timestamp without a zone is taken as UTC; categories are what they stand for. */
export function arrowColumn({ DataType: Type }: Arrow, name: string, type: DataType): ArrowColumn {
  const as = (kind: CellKind, cellOf = asItIs): ArrowColumn => ({ name, kind, cellOf });
  if (Type.isDictionary(type)) return arrowColumn({ DataType: Type } as Arrow, name, type.dictionary as DataType);
  if (Type.isInt(type)) return as('int64');
  if (Type.isFloat(type)) return as('double');
  if (Type.isDecimal(type)) return as('double', (value) => decimalNumber(value as Uint32Array, type.scale));
  if (Type.isBool(type)) return as('bool', Number);
  if (Type.isUtf8(type) || Type.isLargeUtf8(type) || Type.isUtf8View(type) || Type.isNull(type)) return as('string');
  if (Type.isTimestamp(type) || Type.isDate(type)) return as('timestamp', Number);
  return as('other', () => '');
}

/** The cells of rows `from` up to `to` of a column of a record batch. */
export function arrowCells(vector: Vector, { kind, cellOf }: ArrowColumn, from: number, to: number): Cells {
  const length = to - from;
  const isNumeric = kind === 'int64' || kind === 'double' || kind === 'bool' || kind === 'timestamp';
  if (!isNumeric) return Array.from({ length }, (_, row) => cellOrNull(vector.get(from + row), cellOf));
  const numbers = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    const cell = cellOrNull(vector.get(from + row), cellOf);
    const number = cell === null ? Number.NaN : Number(cell);
    // As decimal texts where one is beyond 2^53, so that it stays what it is.
    if (typeof cell === 'bigint' && !Number.isSafeInteger(number)) return wholeTexts(vector, from, length);
    numbers[row] = number;
  }
  return numbers;
}

function cellOrNull(value: unknown, cellOf: ArrowColumn['cellOf']): unknown {
  return value === null || value === undefined ? null : cellOf(value);
}

function wholeTexts(vector: Vector, from: number, length: number): (string | null)[] {
  return Array.from({ length }, (_, row) => {
    const value = vector.get(from + row) as bigint | number | null;
    return value === null ? null : String(value);
  });
}

/** The number nearest to a decimal: its words, the least first, are a whole number in two's complement. */
function decimalNumber(words: Uint32Array, scale: number): number {
  const whole = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const signed = BigInt.asIntN(32 * words.length, whole);
  const digits = (signed < 0n ? -signed : signed).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return Number(`${signed < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}0`);
}
