import type { ScalarType } from '../../cel/types.ts';
import { AppError } from '../../foundation/errors.ts';
import { nearestName } from '../../foundation/nearest.ts';
import { formatTimestamp } from '../../foundation/timestamp.ts';
import type { Row } from '../../orchestrator/features/source.ts';
import { TIMESTAMP_FIELD } from '../../orchestrator/features/store/json-row.ts';
import { keyPartFormatter, type KeyPartFormatter } from '../../orchestrator/features/store/row-key.ts';
import { cellReader, Misfit, type Cell, type ReadCell } from '../cell.ts';
import type { Chunk, FileColumn } from '../rows.ts';
import type { Target } from './target.ts';

/** A row that was not written: where it stands, which column, what about it. */
export interface BadRow {
  file: string;
  unit: 'line' | 'row';
  place: number;
  column: string | undefined;
  problem: string;
}

/** A row to write, and where it came from. */
export interface ReadRow {
  row: Row;
  place: number;
}

export interface RowReader {
  /** Columns of the file that are neither key, field nor `_ts`. */
  ignored: readonly string[];
  /** The good rows of a chunk; each bad one goes to `onBad`, once for each of its bad cells. */
  read(chunk: Chunk, onBad: (place: number, column: string | undefined, problem: string) => void): ReadRow[];
}

interface Source {
  name: string;
  at: number;
  read: ReadCell;
}

type PartSource = Source & { format: KeyPartFormatter };
type FieldSource = Source & { toJson: (cell: number | string) => number | string | boolean };

/** Matches a file's columns with a target by name. Throws INVALID_INPUT where one is missing, naming the nearest. */
export function openRowReader(file: string, columns: readonly FileColumn[], target: Target): RowReader {
  const find = (name: string, type: ScalarType): Source => {
    const at = columns.findIndex((column) => column.name === name);
    if (at < 0) throw missingColumn(file, columns, name);
    return { name, at, read: cellReader(columns[at].kind, type) };
  };
  const parts = target.key.map(({ name, type }): PartSource => ({
    ...find(name, type),
    format: keyPartFormatter(type),
  }));
  const fields = target.fields.map(({ name, type }): FieldSource => ({
    ...find(name, type),
    toJson: JSON_VALUE[type],
  }));
  const hasTime = columns.some(({ name }) => name === TIMESTAMP_FIELD);
  const time = hasTime ? find(TIMESTAMP_FIELD, 'timestamp') : undefined;
  const used = new Set([...parts, ...fields].map(({ name }) => name).concat(TIMESTAMP_FIELD));

  return {
    ignored: columns.map(({ name }) => name).filter((name) => !used.has(name)),
    read(chunk, onBad) {
      const rows: ReadRow[] = [];
      for (let at = 0; at < chunk.rows; at++) {
        const place = chunk.place(at);
        const broken = chunk.broken.get(at);
        if (broken === undefined) {
          const row = readRow(chunk, at, (column, problem) => onBad(place, column, problem));
          if (row) rows.push({ row, place });
        } else onBad(place, undefined, broken.problem);
      }
      return rows;
    },
  };

  function readRow(chunk: Chunk, at: number, onBad: (column: string, problem: string) => void): Row | undefined {
    let good = true;
    const cellOf = (source: Source): Cell => {
      const cell = source.read(chunk.cells[source.at][at]);
      if (!(cell instanceof Misfit)) return cell;
      onBad(source.name, cell.problem);
      good = false;
      return null;
    };
    let key = '';
    for (const [index, part] of parts.entries()) {
      const known = good;
      const cell = cellOf(part);
      if (cell === null) {
        if (good === known) onBad(part.name, 'is null, and it is part of the key');
        good = false;
      } else key += (index === 0 ? '' : '|') + part.format(cell);
    }
    const values: Row['values'] = {};
    for (const field of fields) {
      const cell = cellOf(field);
      values[field.name] = cell === null ? null : field.toJson(cell);
    }
    const ms = time ? cellOf(time) : null;
    if (!good) return undefined;
    return ms === null ? { key, values } : { key, values, timestampMs: Number(ms) };
  }
}

/** A cell as the JSON of a row has it. */
const JSON_VALUE: Record<ScalarType, (cell: number | string) => number | string | boolean> = {
  bool: (cell) => cell === 1,
  int64: (cell) => cell,
  double: (cell) => cell,
  string: (cell) => cell,
  timestamp: (cell) => formatTimestamp(Number(cell)),
};

function missingColumn(file: string, columns: readonly FileColumn[], name: string): AppError {
  const names = columns.map((column) => column.name);
  const near = nearestName(name, names);
  const hint = near === undefined ? `it has ${names.join(', ') || 'none'}` : `is "${near}" meant?`;
  return new AppError('INVALID_INPUT', `${file} has no column "${name}"; ${hint}`);
}
