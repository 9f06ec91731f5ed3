import type { ScalarType } from '../../cel/types.ts';
import { AppError } from '../../foundation/errors.ts';
import { didYouMean, nearestName } from '../../foundation/nearest.ts';
import type { Row } from '../../orchestrator/features/source.ts';
import { TIMESTAMP_FIELD } from '../../orchestrator/features/store/json-row.ts';
import { keyPartFormatter, type KeyPartFormatter } from '../../orchestrator/features/store/row-key.ts';
import { cellReader, Misfit, type Cell, type ReadCell } from '../cell.ts';
import { JSON_VALUE } from '../json-value.ts';
import type { Chunk, RowFile } from '../rows.ts';
import type { BadRow, RowProblem } from './bad-rows.ts';
import { originalRow } from './original-row.ts';
import type { Target } from './target.ts';

/** A row to write. */
export interface ReadRow {
  row: Row;
  /** Which row of its batch, from 0. */
  at: number;
  /** The row as a bad one, should a store refuse it. */
  refused(problem: string): BadRow;
}

/** The rows of a chunk; `at` says which of its batch. */
export interface ReadRows {
  good: ReadRow[];
  bad: { at: number; row: BadRow }[];
  /** Characters of keys and texts, for the bound of a batch. */
  characters: number;
}

export interface RowReader {
  /** Columns of the file that are neither key, field nor `_ts`. */
  ignored: readonly string[];
  /** Whether rows have a time. */
  hasTime: boolean;
  /** The columns that are read, by their index. */
  used: ReadonlySet<number>;
  /** Reads rows `from` up to `to` of a chunk, the first of which is row `first` of the batch. */
  read(chunk: Chunk, from: number, to: number, first: number): ReadRows;
}

interface Source {
  /** The column's name in the file. */
  column: string;
  at: number;
  read: ReadCell;
}

type PartSource = Source & { format: KeyPartFormatter };
type FieldSource = Source & { name: string; toJson: (cell: number | string) => number | string | boolean };

/** What a file calls its columns where it is not what the view calls them: `--map field=column`. */
export type ColumnNames = ReadonlyMap<string, string>;

/**
 * Matches a file's columns with a target by name. Throws INVALID_INPUT where one is missing, naming the nearest, and
 * where `names` has a field that the target has not.
 */
export function openRowReader(
  file: string,
  { columns, unit }: Pick<RowFile, 'columns' | 'unit'>,
  target: Target,
  names: ColumnNames = new Map(),
): RowReader {
  refuseUnknown(target, names);
  const find = (name: string, type: ScalarType): Source => {
    const column = names.get(name) ?? name;
    const at = columns.findIndex((each) => each.name === column);
    if (at < 0) throw missingColumn(file, columns, name, column);
    return { column, at, read: cellReader(columns[at].kind, type) };
  };
  const parts = target.key.map(({ name, type }): PartSource => ({
    ...find(name, type),
    format: keyPartFormatter(type),
  }));
  const fields = target.fields.map(({ name, type }): FieldSource => ({
    ...find(name, type),
    name,
    toJson: JSON_VALUE[type],
  }));
  const hasTime = names.has(TIMESTAMP_FIELD) || columns.some(({ name }) => name === TIMESTAMP_FIELD);
  const time = hasTime ? find(TIMESTAMP_FIELD, 'timestamp') : undefined;
  const used = new Set([...parts, ...fields, ...(time ? [time] : [])].map(({ at }) => at));

  return {
    ignored: columns.flatMap(({ name }, at) => (used.has(at) ? [] : [name])),
    hasTime,
    used,
    read(chunk, from, to, first) {
      const rows: ReadRows = { good: [], bad: [], characters: 0 };
      for (let at = from; at < to; at++) readInto(rows, chunk, at, first + at - from);
      return rows;
    },
  };

  function readInto(rows: ReadRows, chunk: Chunk, at: number, inBatch: number): void {
    const badRow = (problems: readonly RowProblem[], text?: string): BadRow => ({
      file,
      unit,
      place: chunk.place(at),
      problems,
      ...(text === undefined ? { row: originalRow(columns, chunk, at) } : { text }),
    });
    const broken = chunk.broken.get(at);
    if (broken) {
      rows.bad.push({ at: inBatch, row: badRow([{ problem: broken.problem }], broken.text) });
      return;
    }
    const problems: RowProblem[] = [];
    const row = readRow(chunk, at, problems);
    if (problems.length > 0) rows.bad.push({ at: inBatch, row: badRow(problems) });
    else {
      rows.good.push({ row, at: inBatch, refused: (problem) => badRow([{ problem }]) });
      rows.characters += charactersOf(row);
    }
  }

  function readRow(chunk: Chunk, at: number, problems: RowProblem[]): Row {
    const cellOf = ({ column, at: where, read }: Source): Cell => {
      const cell = read(chunk.cells[where][at]);
      if (!(cell instanceof Misfit)) return cell;
      problems.push({ column, problem: cell.problem });
      return null;
    };
    let key = '';
    for (const [index, part] of parts.entries()) {
      const known = problems.length;
      const cell = cellOf(part);
      if (cell !== null) key += (index === 0 ? '' : '|') + part.format(cell);
      else if (problems.length === known) {
        problems.push({ column: part.column, problem: 'is null, and it is part of the key' });
      }
    }
    const values: Row['values'] = {};
    for (const field of fields) {
      const cell = cellOf(field);
      values[field.name] = cell === null ? null : field.toJson(cell);
    }
    const ms = time ? cellOf(time) : null;
    return ms === null ? { key, values } : { key, values, timestampMs: Number(ms) };
  }
}

function charactersOf({ key, values }: Row): number {
  let characters = key.length;
  for (const name in values) {
    const value = values[name];
    if (typeof value === 'string') characters += value.length;
  }
  return characters;
}

function refuseUnknown(target: Target, names: ColumnNames): void {
  const known = [...target.key, ...target.fields].map(({ name }) => name).concat(TIMESTAMP_FIELD);
  for (const name of names.keys()) {
    if (known.includes(name)) continue;
    const message = `--map ${name}: rows of table "${target.table}" have no such field${didYouMean(name, known)}.`;
    throw new AppError('INVALID_INPUT', message);
  }
}

function missingColumn(file: string, columns: RowFile['columns'], name: string, column: string): AppError {
  const names = columns.map((each) => each.name);
  const near = nearestName(column, names);
  const hint =
    near === undefined
      ? `it has ${names.join(', ') || 'none'} (--map ${name}=COLUMN, where it has another name there)`
      : `is "${near}" meant? --map ${name}=${near}`;
  return new AppError('INVALID_INPUT', `${file} has no column "${column}"; ${hint}`);
}
