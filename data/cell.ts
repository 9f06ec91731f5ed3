import type { ScalarType } from '../cel/types.ts';
import { parseTimestampMs } from '../foundation/timestamp.ts';
import type { CellKind } from './rows.ts';

/** A cell as a column of the wanted type holds it: numbers (bool 0/1, epoch ms), or text; int64 beyond 2^53 as text. */
export type Cell = number | string | null;

/** What a cell that does not fit gives. */
export class Misfit {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

/** Reads a cell of a file as the wanted type; null stays null. */
export type ReadCell = (cell: unknown) => Cell | Misfit;

const DECIMAL = /^-?\d{1,19}$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const HOURS_ONLY = /:\d\d(\.\d+)?[+-]\d\d$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/**
 * The reader of cells of `kind` as `type`. Only what is surely meant is taken: CSV text by the type's own spelling,
 * whole numbers for int64 also from a double column (what pandas makes of integers with holes), never text from numbers.
 */
export function cellReader(kind: CellKind, type: ScalarType): ReadCell {
  const read = READERS[type];
  return (cell) => {
    if (cell === null || cell === undefined || (typeof cell === 'number' && Number.isNaN(cell))) return null;
    if (kind === 'text' && cell === '' && type !== 'string') return null;
    return read(cell, kind);
  };
}

const READERS: Record<ScalarType, (cell: unknown, kind: CellKind) => Cell | Misfit> = {
  bool(cell, kind) {
    if (kind === 'bool') return cell as number;
    if (cell === true || (kind === 'text' && /^true$/i.test(cell as string))) return 1;
    if (cell === false || (kind === 'text' && /^false$/i.test(cell as string))) return 0;
    return misfit('true or false', cell, kind);
  },
  int64(cell, kind) {
    if (kind === 'string' || kind === 'bool' || kind === 'timestamp') return misfit('a whole number', cell, kind);
    if (typeof cell === 'number' && Number.isInteger(cell)) {
      if (Number.isSafeInteger(cell)) return cell + 0; // there is no -0 among whole numbers
      return new Misfit('is beyond 2^53, where doubles round: write it as an int64 or as decimal text');
    }
    if (typeof cell !== 'string' || !DECIMAL.test(cell)) return misfit('a whole number', cell, kind);
    const number = Number(cell);
    return Number.isSafeInteger(number) ? number + 0 : int64Text(BigInt(cell));
  },
  double(cell, kind) {
    if (kind === 'string' || kind === 'bool' || kind === 'timestamp') return misfit('a number', cell, kind);
    const isText = typeof cell === 'string' && kind !== 'json' && NUMBER.test(cell);
    const number = isText ? Number(cell) : cell;
    return typeof number === 'number' && Number.isFinite(number) ? number : misfit('a finite number', cell, kind);
  },
  string: (cell, kind) =>
    typeof cell === 'string' && kind !== 'int64' && kind !== 'other' ? cell : misfit('a string', cell, kind),
  timestamp(cell, kind) {
    if (kind === 'timestamp') return Math.floor(cell as number);
    const ms = typeof cell === 'string' ? momentOf(cell) : Number.NaN;
    return Number.isNaN(ms) ? misfit('a date, or a timestamp with a zone (2013-05-05T13:00:00Z)', cell, kind) : ms;
  },
};

/** RFC 3339; also a date alone, its midnight in UTC, and an offset of hours alone (`+00`), as DuckDB and Postgres write it. */
function momentOf(text: string): number {
  if (DATE.test(text)) return parseTimestampMs(`${text}T00:00:00Z`);
  return parseTimestampMs(HOURS_ONLY.test(text) ? `${text}:00` : text);
}

function int64Text(exact: bigint): string | Misfit {
  return BigInt.asIntN(64, exact) === exact ? exact.toString() : new Misfit('does not fit an int64');
}

function misfit(what: string, cell: unknown, kind: CellKind): Misfit {
  if (kind === 'other') return new Misfit(`must be ${what}, and columns of that type are not read`);
  return new Misfit(`must be ${what}, is ${shown(cell, kind)}`);
}

function shown(cell: unknown, kind: CellKind): string {
  if (kind === 'timestamp') return 'a timestamp';
  if (kind === 'bool') return cell === 1 ? 'true' : 'false';
  const text = JSON.stringify(cell);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
