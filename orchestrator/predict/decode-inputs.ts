import { AppError, type ErrorDetail } from '../../foundation/errors.ts';
import { isJsonObject } from '../../foundation/json-object.ts';
import { nearestName } from '../../foundation/nearest.ts';
import { isNumeric, newTexts } from '../plan/column.ts';
import { STATE_REQUEST_NULL, STATE_REQUEST_PRESENT, type Frame } from '../plan/frame.ts';
import { newNumbers, newBytes } from '../../foundation/slab.ts';
import type { InputPlan, ModelPlan, Plan } from '../plan/plan.ts';
import type { Call, Instances } from './call.ts';
import { clearValue, valueDecoder, type DecodeValue, type InputColumn } from './decode-value.ts';

/** How many problems a refusal names; a body of a thousand bad instances is not answered by a thousand sentences. */
const MAX_DETAILS = 20;

/** Decodes a call's inputs into the frame. Gives each bad instance's error; throws where the request itself is bad. */
export type DecodeInputs = (call: Call, frame: Frame) => (AppError | undefined)[] | undefined;

interface DecodeStep {
  input: InputPlan;
  /** Inputs that this model does not read may be left out; given, they must still have their type. */
  decode: DecodeValue;
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

/** Counts, over all calls, the inputs that are not declared and were let pass (`inputs.extra: ignore`). */
export interface ExtraInputs {
  ignored: number;
}

export function compileDecoder(plan: Plan, model: ModelPlan, extra: ExtraInputs): DecodeInputs {
  const stepOf = (input: InputPlan): DecodeStep => ({
    input,
    decode: valueDecoder(input.type, input.optional || !model.inputs.has(input.slot)),
  });
  const requestSteps = plan.requestInputs.map(stepOf);
  const instanceSteps = plan.instanceInputs.map(stepOf);
  /** Names that no input has: refused with the nearest, or only counted. */
  const onExtra = (
    names: readonly string[],
    known: ReadonlySet<string>,
    refuse: (name: string, problem: string) => void,
  ) => {
    if (plan.extraInputs === 'ignore') extra.ignored += names.length;
    else for (const name of names) refuse(name, unknownName(name, known));
  };
  const requestNames = new Set(plan.requestInputs.map((input) => input.field));
  const instanceNames = new Set(plan.instanceInputs.map((input) => input.field));

  return (call, frame) => {
    const problems = new Problems(frame.rows);
    decodeRequest(call.request, frame, problems);
    if ('objects' in call.instances) decodeObjects(call.instances.objects, frame, problems);
    else decodeColumns(call.instances.columns, frame, problems);
    return problems.settle(model.partial);
  };

  function decodeRequest(request: Readonly<Record<string, unknown>>, frame: Frame, problems: Problems): void {
    for (const { input, decode } of requestSteps) {
      const value = ownValue(request, input.field);
      const column = newColumn(input, 1, frame);
      const problem = decode(value, 0, column);
      if (problem !== undefined) problems.ofRequest(`request.${input.field}`, problem);
    }
    onExtra(extraNames(request, requestNames), requestNames, (name, problem) =>
      problems.ofRequest(`request.${name}`, problem),
    );
  }

  function decodeObjects(objects: readonly unknown[], frame: Frame, problems: Problems): void {
    for (let row = 0; row < objects.length; row++) {
      if (!isJsonObject(objects[row])) problems.ofInstance(row, undefined, 'must be an object of inputs');
    }
    for (const { input, decode } of instanceSteps) {
      const { field } = input;
      const column = newColumn(input, frame.rows, frame);
      for (let row = 0; row < objects.length; row++) {
        const object = objects[row];
        if (!isJsonObject(object)) {
          clearValue(input.type, row, column);
          continue;
        }
        const value = ownValue(object, field);
        const problem = decode(value, row, column);
        if (problem === undefined) continue;
        clearValue(input.type, row, column);
        problems.ofInstance(row, field, problem);
      }
    }
    for (let row = 0; row < objects.length; row++) {
      const object = objects[row];
      if (!isJsonObject(object)) continue;
      const names = extraNames(object, instanceNames);
      if (names.length > 0) onExtra(names, instanceNames, (name, problem) => problems.ofInstance(row, name, problem));
    }
  }

  function decodeColumns(columns: Readonly<Record<string, unknown>>, frame: Frame, problems: Problems): void {
    for (const { input, decode } of instanceSteps) {
      const given = ownValue(columns, input.field);
      const column = newColumn(input, frame.rows, frame);
      if (given instanceof Float64Array && isNumeric(input.type)) {
        takeNumbers(given, input, frame, column, problems);
        continue;
      }
      if (given !== undefined && !Array.isArray(given)) {
        problems.ofRequest(`inputs.${input.field}`, 'must be a list with one value an instance');
        continue;
      }
      const values: readonly unknown[] | undefined = given;
      if (values !== undefined && values.length !== frame.rows) {
        problems.ofRequest(`inputs.${input.field}`, `has ${values.length} values; the other inputs have ${frame.rows}`);
        continue;
      }
      for (let row = 0; row < frame.rows; row++) {
        const problem = decode(values?.[row], row, column);
        if (problem === undefined) continue;
        clearValue(input.type, row, column);
        problems.ofInstance(row, input.field, problem);
      }
    }
    onExtra(extraNames(columns, instanceNames), instanceNames, (name, problem) =>
      problems.ofRequest(`inputs.${name}`, problem),
    );
  }
}

/** A column that is already numbers (from a file): NaN is null, timestamps are epoch ms. */
function takeNumbers(
  given: Float64Array,
  input: InputPlan,
  frame: Frame,
  column: InputColumn,
  problems: Problems,
): void {
  if (given.length !== frame.rows) {
    problems.ofRequest(`inputs.${input.field}`, `has ${given.length} values; the other inputs have ${frame.rows}`);
    return;
  }
  frame.values[input.slot] = given;
  for (let row = 0; row < given.length; row++) {
    const value = given[row];
    const isNull = value !== value;
    column.states[row] = isNull ? STATE_REQUEST_NULL : STATE_REQUEST_PRESENT;
    if (column.texts) column.texts[row] = isNull ? null : String(value);
    if (isNull && !input.optional) problems.ofInstance(row, input.field, `is required (${input.type})`);
  }
}

const NO_NUMBERS = new Float64Array(0);
const NO_STRINGS: (string | null)[] = [];

function newColumn(input: InputPlan, rows: number, frame: Frame): InputColumn {
  const numeric = isNumeric(input.type);
  const column: InputColumn = {
    numbers: numeric ? newNumbers(rows) : NO_NUMBERS,
    strings: numeric ? NO_STRINGS : newTexts(rows),
    states: newBytes(rows),
    texts: input.textSlot === undefined ? undefined : newTexts(rows),
  };
  frame.values[input.slot] = numeric ? column.numbers : column.strings;
  frame.states[input.slot] = column.states;
  if (input.textSlot !== undefined && column.texts) frame.values[input.textSlot] = column.texts;
  return column;
}

/** A name's value; what an object inherits (`constructor`, `toString`) is not there. */
function ownValue(object: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = object[name];
  return value !== undefined && Object.hasOwn(object, name) ? value : undefined;
}

const NO_NAMES: readonly string[] = [];

/** Names that no input has. */
function extraNames(object: Readonly<Record<string, unknown>>, names: ReadonlySet<string>): readonly string[] {
  let extra: string[] | undefined;
  for (const name in object) {
    if (!names.has(name) && object[name] !== undefined) (extra ??= []).push(name);
  }
  return extra ?? NO_NAMES;
}

function unknownName(name: string, names: ReadonlySet<string>): string {
  const near = nearestName(name, names);
  return near === undefined ? 'is not an input' : `is not an input, did you mean "${near}"?`;
}

/** Collects what is wrong, so that one answer names it all. */
class Problems {
  private readonly request: ErrorDetail[] = [];
  private byInstance: (ErrorDetail[] | undefined)[] | undefined;
  private readonly rows: number;

  constructor(rows: number) {
    this.rows = rows;
  }

  ofRequest(field: string, problem: string): void {
    this.request.push({ field, problem });
  }

  ofInstance(instance: number, field: string | undefined, problem: string): void {
    this.byInstance ??= Array.from<ErrorDetail[] | undefined>({ length: this.rows });
    (this.byInstance[instance] ??= []).push({ instance, ...(field === undefined ? {} : { field }), problem });
  }

  /** The bad instances' errors; throws where the request is bad or, unless `partial`, where any instance is. */
  settle(partial: boolean): (AppError | undefined)[] | undefined {
    if (this.request.length > 0)
      throw refusal([...this.request, ...(this.byInstance ?? []).flatMap((each) => each ?? [])]);
    if (this.byInstance === undefined) return undefined;
    if (!partial) throw refusal(this.byInstance.flatMap((each) => each ?? []));
    return Array.from(this.byInstance, (details) => details && refusal(details));
  }
}

function refusal(details: readonly ErrorDetail[]): AppError {
  const [first] = details;
  const place = [first?.instance === undefined ? undefined : `instances[${first.instance}]`, first?.field]
    .filter((part) => part !== undefined)
    .join('.');
  const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
  return new AppError('INVALID_INPUT', `${place} ${first?.problem ?? 'is not valid'}${more}.`, {
    details: details.slice(0, MAX_DETAILS),
  });
}
