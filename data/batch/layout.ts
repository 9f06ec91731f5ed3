import { AppError } from '../../foundation/errors.ts';
import { STATUSES, type Column } from '../../orchestrator/plan/column.ts';
import type { Output } from '../../orchestrator/predict/call.ts';
import type { InstanceId } from '../../orchestrator/predict/ids.ts';
import type { ModelPlan } from '../../orchestrator/plan/plan.ts';
import type { Cells, CellKind, FileColumn } from '../rows.ts';
import type { WriteColumn, WriteType } from '../table-writer.ts';
import type { BatchCall } from './batch-call.ts';

/** What a call came to: its answer's columns, or nothing where it failed. */
export interface CallResult {
  ids: readonly InstanceId[] | undefined;
  features: readonly Column[];
  outputs: readonly Output[];
}

/** The columns of a batch's output, and a call's rows as their cells. */
export interface Layout {
  columns: readonly WriteColumn[];
  cells(call: BatchCall, result: CallResult | undefined): Cells[];
}

/**
 * Lays the output out: columns that pass through, `id` where the model names one, a column a feature (and its
 * `NAME.status`), then `prediction`, or `prediction.NAME` of each output. A failed call's rows are null but for what
 * passes through. Types follow the first call; `first` is undefined where it failed.
 */
export function layOut(
  passing: readonly FileColumn[],
  model: ModelPlan,
  asked: { statuses: boolean; predictions: boolean },
  firstCall: BatchCall,
  first: CallResult | undefined,
): Layout {
  const outputNames = asked.predictions ? predictionNames(model, first) : [];
  const columns: WriteColumn[] = [
    ...passing.map(({ name, kind }, at) => ({ name, type: writeType(kind, firstCall.passed[at]) })),
    ...(model.id ? [{ name: 'id', type: model.id.type === 'int64' ? 'int64' : 'string' } as const] : []),
    ...model.features.flatMap(({ name, slot, codes }) => [
      { name, type: slot.type === 'string' && !codes ? 'string' : 'double' } as const,
      ...(asked.statuses ? [{ name: `${name}.status`, type: 'string' } as const] : []),
    ]),
    ...outputNames.map((name, at) => ({ name, type: outputType(first?.outputs[at]) })),
  ];
  refuseTwice(columns);
  const idAt = passing.length;
  const firstFeature = idAt + (model.id ? 1 : 0);
  return { columns, cells };

  function cells(call: BatchCall, result: CallResult | undefined): Cells[] {
    const { rows, from } = call;
    const all: Cells[] = call.passed.map((passed) => passed.slice(from, from + rows));
    if (!result) {
      while (all.length < columns.length) all.push(Array.from<null>({ length: rows }).fill(null));
      return all;
    }
    if (model.id) all.push(idCells(result.ids, rows, columns[idAt].type));
    for (const feature of result.features) {
      all.push(feature.values);
      if (asked.statuses) all.push(Array.from(feature.status, (status) => STATUSES[status]));
    }
    if (all.length - firstFeature !== model.features.length * (asked.statuses ? 2 : 1)) {
      throw new AppError('INTERNAL', 'The features of an answer are not those of the model.');
    }
    for (const output of result.outputs) all.push(output.values);
    return all;
  }
}

function predictionNames(model: ModelPlan, first: CallResult | undefined): string[] {
  const names = first?.outputs.map(({ name }) => name) ?? Object.keys(model.outputs ?? {});
  return names.length > 1 ? names.map((name) => `prediction.${name}`) : ['prediction'];
}

function outputType(output: Output | undefined): WriteType {
  return output === undefined || output.values instanceof Float64Array ? 'double' : 'string';
}

/** JSON cells have no type of their own: that of the first rows, text where they differ. */
function writeType(kind: CellKind, cells: Cells): WriteType {
  switch (kind) {
    case 'bool':
    case 'int64':
    case 'double':
    case 'timestamp':
      return kind;
    case 'json': {
      const types = new Set(
        Array.from(cells as unknown[]).flatMap((cell) => (cell === null || cell === undefined ? [] : [typeof cell])),
      );
      if (types.size !== 1) return 'string';
      if (types.has('number')) return 'double';
      return types.has('boolean') ? 'bool' : 'string';
    }
    case 'string':
    case 'text':
    case 'other':
      return 'string';
  }
}

function idCells(ids: CallResult['ids'], rows: number, type: WriteType): Cells {
  if (!ids) return Array.from<null>({ length: rows }).fill(null);
  return type === 'string' ? ids.map((id) => (id === null ? null : String(id))) : [...ids];
}

function refuseTwice(columns: readonly WriteColumn[]): void {
  // DuckDB's names, and those of most readers of Parquet, do not tell case apart.
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase())) {
      const message = `The output would have two columns "${name}": rename the one that passes through from the input.`;
      throw new AppError('INVALID_INPUT', message);
    }
    seen.add(name.toLowerCase());
  }
}
