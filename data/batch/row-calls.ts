import type { ScalarType } from '../../cel/types.ts';
import { AppError } from '../../foundation/errors.ts';
import { nearestName } from '../../foundation/nearest.ts';
import { formatTimestamp } from '../../foundation/timestamp.ts';
import type { InputPlan, Plan, SlotPlan } from '../../orchestrator/plan/plan.ts';
import { cellReader, Misfit, type ReadCell } from '../cell.ts';
import type { Cells, Chunk, FileColumn, RowFile } from '../rows.ts';
import type { BatchCall, BatchInput } from './batch-call.ts';

/** A column that is an input, or a feature that the rows override. */
interface InputColumn {
  field: string;
  type: ScalarType;
  at: number;
  read: ReadCell;
}

/**
 * A file of rows as calls: columns named as instance inputs and `request.NAME`, and so the features that the YAML's
 * `overrides` lists; neighbours with equal request inputs form one call, up to `limit` rows. The inputs that a model
 * needs must be there; all other columns pass through.
 */
export function openRows(file: string, rowFile: RowFile, plan: Plan, model: string, limit: number): BatchInput {
  const { columns } = rowFile;
  const needed = plan.models.get(model)?.inputs;
  const find = (name: string, field: string, type: ScalarType): InputColumn[] => {
    const at = columns.findIndex((column) => column.name === name);
    return at < 0 ? [] : [{ field, type, at, read: cellReader(columns[at].kind, type) }];
  };
  const findInput = (input: InputPlan, name: string): InputColumn[] => {
    const found = find(name, input.field, input.type);
    if (found.length > 0 || input.optional || !needed?.has(input.slot)) return found;
    throw missingColumn(file, columns, name);
  };
  const findOverrides = (perInstance: boolean): InputColumn[] =>
    plan.overrides.flatMap((slot) =>
      slot.perInstance === perInstance ? find(columnOf(slot, perInstance), slot.name, slot.type) : [],
    );
  const request = [
    ...plan.requestInputs.flatMap((input) => findInput(input, `request.${input.field}`)),
    ...findOverrides(false),
  ];
  const instance = [...plan.instanceInputs.flatMap((input) => findInput(input, input.field)), ...findOverrides(true)];
  const taken = new Set([...request, ...instance].map(({ at }) => at));
  refuseMisplaced(
    file,
    columns.filter((_, at) => !taken.has(at)),
    plan.overrides,
  );
  const passing = columns.flatMap((column, at) =>
    taken.has(at) || column.kind === 'other' ? [] : [{ ...column, at }],
  );

  async function* calls(): AsyncGenerator<BatchCall> {
    for await (const chunk of rowFile.chunks()) {
      refuseBroken(file, rowFile, chunk);
      const passed = passing.map(({ at }) => chunk.cells[at]);
      const inputs = instance.map((input) => ({ field: input.field, cells: readInput(chunk.cells[input.at], input) }));
      for (let from = 0; from < chunk.rows;) {
        const to = endOfCall(chunk, request, from, limit);
        yield {
          request: Object.fromEntries(request.map((input) => [input.field, requestValue(chunk, input, from)])),
          instances: { rows: to - from, columns: sliceInputs(inputs, from, to) },
          rows: to - from,
          passed,
          from,
          place: placeFrom(chunk, from),
        };
        from = to;
      }
    }
  }
  return { unit: rowFile.unit, totalRows: rowFile.totalRows, passing, calls, close: () => rowFile.close() };
}

const columnOf = ({ name }: SlotPlan, perInstance: boolean): string => (perInstance ? name : `request.${name}`);

/** Under the other side's name it would pass through, and override nothing. */
function refuseMisplaced(file: string, untaken: readonly FileColumn[], overrides: readonly SlotPlan[]): void {
  for (const slot of overrides) {
    const misplaced = columnOf(slot, !slot.perInstance);
    if (untaken.every(({ name }) => name !== misplaced)) continue;
    const per = slot.perInstance ? 'object' : 'request';
    const meant = columnOf(slot, slot.perInstance);
    throw new AppError(
      'INVALID_INPUT',
      `${file} has a column "${misplaced}", which is per ${per}: name it "${meant}".`,
    );
  }
}

function refuseBroken(file: string, { unit }: RowFile, chunk: Chunk): void {
  for (const [row, { problem }] of chunk.broken) {
    throw new AppError('INVALID_INPUT', `${file} ${unit} ${chunk.place(row)} ${problem}.`);
  }
}

function placeFrom(chunk: Chunk, from: number): (row: number) => number {
  return (row) => chunk.place(from + row);
}

/** The first row after `from` whose request inputs differ. NaN is null and equals itself. */
function endOfCall(chunk: Chunk, request: readonly InputColumn[], from: number, limit: number): number {
  const end = Math.min(chunk.rows, from + limit);
  for (let row = from + 1; row < end; row++) {
    for (const { at } of request) if (!Object.is(chunk.cells[at][row], chunk.cells[at][from])) return row;
  }
  return end;
}

function sliceInputs(
  inputs: readonly { field: string; cells: Cells }[],
  from: number,
  to: number,
): Record<string, Cells> {
  const columns: Record<string, Cells> = {};
  for (const { field, cells } of inputs) columns[field] = cells.slice(from, to);
  return columns;
}

/**
 * A chunk's cells as predict takes them: numbers as Float64Array where every cell fits, else values as JSON has them,
 * the misfits as they are: predict then names them. What a JSON object does not have stays absent.
 */
function readInput(cells: Cells, { type, read }: InputColumn): Cells {
  const asJson = (): Cells => Array.from(cells as unknown[], (cell) => jsonValue(read(cell), cell, type));
  if (type === 'string') return asJson();
  const numbers = new Float64Array(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const value = read(cells[row]);
    if (cells[row] === undefined) return asJson();
    if (value === null) numbers[row] = Number.NaN;
    else if (typeof value === 'number') numbers[row] = value;
    else return asJson();
  }
  return numbers;
}

function requestValue(chunk: Chunk, { type, at, read }: InputColumn, row: number): unknown {
  const cell = chunk.cells[at][row];
  return jsonValue(read(cell), cell, type);
}

function jsonValue(value: ReturnType<ReadCell>, cell: unknown, type: ScalarType): unknown {
  if (value instanceof Misfit || cell === undefined) return cell;
  if (typeof value !== 'number') return value;
  if (type === 'timestamp') return formatTimestamp(value);
  return type === 'bool' ? value === 1 : value;
}

function missingColumn(file: string, columns: readonly FileColumn[], name: string): AppError {
  const near = nearestName(
    name,
    columns.map((column) => column.name),
  );
  const hint = near === undefined ? '' : `; is "${near}" meant?`;
  return new AppError('INVALID_INPUT', `${file} has no column "${name}", which the model needs${hint}`);
}
