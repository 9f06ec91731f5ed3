import { AppError } from '../../foundation/errors.ts';
import { sourceOf, statusOf, type Column } from '../plan/column.ts';
import type { Frame } from '../plan/frame.ts';
import { newNumbers, newSingles } from '../../foundation/slab.ts';
import type { FeaturePlan, ModelPlan } from '../plan/plan.ts';
import type { Tensor } from '../plan/tensor.ts';
import { compileColumn, type FillColumn } from './column-reader.ts';

/** How a model's features leave the frame: as tensors for the model, or as columns for whoever asked for features. */
export interface Matrix {
  /** The tensors of the instances `rows` (all where undefined), in the layout that the YAML asks for. */
  tensors(frame: Frame, rows: Int32Array | undefined): Tensor[];
  /** The features by name, values as the matrix has them; throws INVALID_INPUT on a name that the model has not. */
  columns(frame: Frame, names: readonly string[] | undefined): Column[];
  /** The instances that an unlisted category fails (`unknown: fail`), or null does (`nulls: fail`). */
  categoryFailures(frame: Frame): { row: number; error: AppError }[];
}

interface Feature {
  plan: FeaturePlan;
  fill: FillColumn;
  isText: boolean;
}

export function compileMatrix(model: ModelPlan): Matrix {
  const features = model.features.map((plan): Feature => ({
    plan,
    fill: compileColumn(plan),
    isText: plan.slot.type === 'string' && plan.codes === undefined,
  }));
  const byName = new Map(features.map((feature) => [feature.plan.name, feature] as const));
  const strict = features.filter(
    ({ plan }) => plan.codes !== undefined && (plan.unknown === 'fail' || plan.nulls === 'fail'),
  );
  const isFloat32 = model.dtype === 'float32';
  const datatype = isFloat32 ? 'FP32' : 'FP64';
  const numbers = isFloat32 ? newSingles : newNumbers;

  const oneTensor = (frame: Frame, rows: Int32Array | undefined): Tensor[] => {
    const count = rows?.length ?? frame.rows;
    const width = features.length;
    const data = numbers(count * width);
    for (let at = 0; at < width; at++) features[at].fill(frame, data, at, width, rows);
    return [{ name: 'features', datatype, shape: [count, width], data }];
  };
  const tensorEach = (frame: Frame, rows: Int32Array | undefined): Tensor[] => {
    const count = rows?.length ?? frame.rows;
    return features.map((feature): Tensor => {
      const { name } = feature.plan;
      if (feature.isText) {
        return { name, datatype: 'BYTES', shape: [count], data: texts(frame, feature.plan, rows) };
      }
      const data = numbers(count);
      feature.fill(frame, data, 0, 1, rows);
      return { name, datatype, shape: [count], data };
    });
  };

  return {
    tensors: model.tensors === 'matrix' ? oneTensor : tensorEach,
    columns(frame, names) {
      const wanted = names?.map((name) => byName.get(name) ?? unknownFeature(name, model)) ?? features;
      return wanted.map((feature) => showColumn(frame, feature));
    },
    categoryFailures(frame) {
      return strict.flatMap(({ plan }) => withoutCode(frame, plan));
    },
  };
}

function texts(frame: Frame, plan: FeaturePlan, rows: Int32Array | undefined): string[] {
  const { slot, perInstance } = plan.slot;
  const values = frame.values[slot] as (string | null)[];
  return Array.from({ length: rows?.length ?? frame.rows }, (_, at) => {
    const row = rows === undefined ? at : rows[at];
    return values[perInstance ? row : 0] ?? plan.nullText;
  });
}

function showColumn(frame: Frame, { plan, fill, isText }: Feature): Column {
  const { slot, perInstance, type } = plan.slot;
  const states = frame.states[slot];
  const status = new Uint8Array(frame.rows);
  const source = new Uint8Array(frame.rows);
  for (let row = 0; row < frame.rows; row++) {
    const state = states[perInstance ? row : 0];
    status[row] = statusOf(state);
    source[row] = sourceOf(state);
  }
  const column: Column = {
    name: plan.name,
    type: isText ? 'string' : type === 'string' || type === 'timestamp' ? 'double' : type,
    values: isText ? texts(frame, plan, undefined) : new Float64Array(frame.rows),
    status,
    source,
  };
  if (column.values instanceof Float64Array) fill(frame, column.values, 0, 1, undefined);
  const timestamps = frame.timestamps[slot];
  if (timestamps) {
    column.timestampMs = perInstance ? timestamps : new Float64Array(frame.rows).fill(timestamps[0]);
  }
  return column;
}

function withoutCode(frame: Frame, plan: FeaturePlan): { row: number; error: AppError }[] {
  const values = frame.values[plan.slot.slot] as (string | null)[];
  const found: { row: number; error: AppError }[] = [];
  for (let row = 0; row < frame.rows; row++) {
    const text = values[plan.slot.perInstance ? row : 0]!;
    const isNull = text === null;
    if ((isNull ? plan.nulls : plan.unknown) !== 'fail' || (!isNull && plan.codes?.has(text))) continue;
    const problem = isNull ? 'is null' : `"${text.slice(0, 40)}" is not one of its categories`;
    const details = [{ instance: row, field: plan.name, problem }];
    found.push({ row, error: new AppError('INVALID_INPUT', `The feature "${plan.name}": ${problem}.`, { details }) });
  }
  return found;
}

function unknownFeature(name: string, model: ModelPlan): never {
  const problem = `is not a feature of "${model.name}"`;
  throw new AppError('INVALID_INPUT', `"${name}" ${problem}.`, {
    details: [{ field: 'features', problem: `"${name}" ${problem}` }],
  });
}
