import { AppError } from '../../foundation/errors.ts';
import { isJsonObject } from '../../foundation/json-object.ts';
import { isNumeric } from '../plan/column.ts';
import type { Frame } from '../plan/frame.ts';
import type { InputPlan, ModelPlan, Plan } from '../plan/plan.ts';
import type { Call, Instances } from './call.ts';
import { decodeColumn } from './decode-column.ts';
import { compileExtras, type ExtraInputs } from './decode-extras.ts';
import { clearValue, fieldDecoder, newInputColumn, type FieldDecoder, type InputColumn } from './decode-value.ts';
import { compileDrop } from './drop.ts';
import { compileUnneeded } from './unneeded.ts';
import { InputProblems } from './input-problems.ts';

export type { ExtraInputs } from './decode-extras.ts';

/** Decodes a call's inputs into the frame. Gives each bad instance's error; throws where the request itself is bad. */
export type DecodeInputs = (call: Call, frame: Frame) => (AppError | undefined)[] | undefined;

interface InputDecoder extends FieldDecoder {
  input: InputPlan;
}

/** Instances of a call, counted and seen to be there. */
export function countInstances(instances: Instances, limit: number): number {
  const rows = 'objects' in instances ? instances.objects.length : instances.rows;
  if (rows === 0) throw new AppError('INVALID_INPUT', 'The request has no instances; send at least one.');
  if (rows > limit) {
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `The request has ${rows} instances; at most ${limit} are taken in one call.`,
    );
  }
  return rows;
}

export function compileDecoder(plan: Plan, model: ModelPlan, extra: ExtraInputs): DecodeInputs {
  /** Inputs that this model does not read may be left out; given, they must still have their type. */
  const decoderOf = (input: InputPlan): InputDecoder => ({
    input,
    ...fieldDecoder(input.field, input.type, input.optional || !model.inputs.has(input.slot)),
  });
  const requestInputs = plan.requestInputs.map(decoderOf);
  const instanceInputs = plan.instanceInputs.map(decoderOf);
  const extras = compileExtras(plan, extra);
  const drop = compileDrop(plan, model);
  const markUnneeded = compileUnneeded(plan, model);

  return (call, frame) => {
    const problems = new InputProblems(frame.rows);
    decodeRequest(call.request, frame, problems);
    if ('objects' in call.instances) decodeObjects(call.instances.objects, frame, problems);
    else decodeColumns(call.instances.columns, frame, problems);
    if (call.parameters.drop) drop.lay(call.parameters.drop, frame, problems);
    if (frame.overrides) markUnneeded(frame, frame.overrides);
    return problems.settle(model.partial);
  };

  function decodeRequest(request: Readonly<Record<string, unknown>>, frame: Frame, problems: InputProblems): void {
    for (const { input, field, decode } of requestInputs) {
      const problem = decode(ownValue(request, field), 0, openInput(input, 1, frame));
      if (problem !== undefined) problems.ofRequest(`request.${field}`, problem);
    }
    extras.request(request, frame, problems);
  }

  function decodeObjects(objects: readonly unknown[], frame: Frame, problems: InputProblems): void {
    for (let row = 0; row < objects.length; row++) {
      if (!isJsonObject(objects[row])) problems.ofInstance(row, undefined, 'must be an object of inputs');
    }
    for (const { input, field, type, decode } of instanceInputs) {
      const column = openInput(input, frame.rows, frame);
      for (let row = 0; row < objects.length; row++) {
        const object = objects[row];
        if (!isJsonObject(object)) {
          clearValue(type, row, column);
          continue;
        }
        const problem = decode(ownValue(object, field), row, column);
        if (problem === undefined) continue;
        clearValue(type, row, column);
        problems.ofInstance(row, field, problem);
      }
    }
    extras.objects(objects, frame, problems);
  }

  function decodeColumns(columns: Readonly<Record<string, unknown>>, frame: Frame, problems: InputProblems): void {
    for (const decoder of instanceInputs) {
      const { input, field } = decoder;
      const column = openInput(input, frame.rows, frame);
      decodeColumn(ownValue(columns, field), decoder, frame.rows, column, problems);
      if (isNumeric(input.type)) frame.values[input.slot] = column.numbers;
    }
    extras.columns(columns, frame, problems);
  }
}

/** The column of an input, in the frame before its values are. */
function openInput(input: InputPlan, rows: number, frame: Frame): InputColumn {
  const column = newInputColumn(input.type, rows, input.textSlot !== undefined);
  frame.values[input.slot] = isNumeric(input.type) ? column.numbers : column.strings;
  frame.states[input.slot] = column.states;
  if (input.textSlot !== undefined && column.texts) frame.values[input.textSlot] = column.texts;
  return column;
}

/** A name's value; what an object inherits (`constructor`, `toString`) is not there. */
function ownValue(object: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = object[name];
  return value !== undefined && Object.hasOwn(object, name) ? value : undefined;
}
