import { isJsonObject } from '../../foundation/json-object.ts';
import { nearestName } from '../../foundation/nearest.ts';
import type { Frame } from '../plan/frame.ts';
import type { InputPlan, Plan, SlotPlan } from '../plan/plan.ts';
import { decodeColumn } from './decode-column.ts';
import { clearValue, fieldDecoder, newInputColumn, STATE_UNSAFE } from './decode-value.ts';
import type { FieldDecoder, InputColumn } from './decode-value.ts';
import type { InputProblems } from './input-problems.ts';

/** Counts, over all calls, the inputs that are not declared and were let pass (`inputs.extra: ignore`). */
export interface ExtraInputs {
  ignored: number;
}

/**
 * Decodes what a call holds besides its inputs: features that it overrides, and names to refuse or to count. Only names
 * that no input has come here, so that a call which overrides nothing pays nothing.
 */
export interface DecodeExtras {
  request(request: Readonly<Record<string, unknown>>, frame: Frame, problems: InputProblems): void;
  objects(objects: readonly unknown[], frame: Frame, problems: InputProblems): void;
  columns(columns: Readonly<Record<string, unknown>>, frame: Frame, problems: InputProblems): void;
}

/** A feature that may be sent, where it is sent, and how it is read. */
interface Override extends FieldDecoder {
  slot: number;
}

/** What may stand in the request, or in an instance. */
interface Side {
  inputs: ReadonlySet<string>;
  overrides: ReadonlyMap<string, Override>;
  known: ReadonlySet<string>;
}

export function compileExtras(plan: Plan, extra: ExtraInputs): DecodeExtras {
  const requestSide = sideOf(plan.requestInputs, plan.overrides, false);
  const instanceSide = sideOf(plan.instanceInputs, plan.overrides, true);

  /** What to refuse a name with that is neither an input nor an override of its side; undefined where it may pass. */
  const problemOf = (name: string, side: Side): string | undefined => {
    if (side === instanceSide && requestSide.overrides.has(name)) return 'is per request: send it in `request`';
    if (side === requestSide && instanceSide.overrides.has(name)) return 'is per object: send it in the instances';
    if (plan.extraInputs === 'ignore') {
      extra.ignored++;
      return undefined;
    }
    if (plan.gathered.has(name)) return 'is a feature, which callers may send only where `overrides:` lists it';
    const near = nearestName(name, side.known);
    return near === undefined ? 'is not an input' : `is not an input, did you mean "${near}"?`;
  };

  return {
    request(request, frame, problems) {
      for (const name of namesBeyond(requestSide.inputs, request)) {
        const override = requestSide.overrides.get(name);
        const problem = override
          ? override.decode(request[name], 0, place(newOverrideColumn(override, 1), override, frame))
          : problemOf(name, requestSide);
        if (problem !== undefined) problems.ofRequest(`request.${name}`, problem);
      }
    },
    objects(objects, frame, problems) {
      let opened: Map<Override, InputColumn> | undefined;
      for (let row = 0; row < objects.length; row++) {
        const object = objects[row];
        if (!isJsonObject(object)) continue;
        for (const name of namesBeyond(instanceSide.inputs, object)) {
          const override = instanceSide.overrides.get(name);
          const problem = override
            ? decodeOrClear(override, object[name], row, columnOf(override, (opened ??= new Map()), frame))
            : problemOf(name, instanceSide);
          if (problem !== undefined) problems.ofInstance(row, name, problem);
        }
      }
    },
    columns(columns, frame, problems) {
      for (const name of namesBeyond(instanceSide.inputs, columns)) {
        const override = instanceSide.overrides.get(name);
        if (override) {
          const column = newOverrideColumn(override, frame.rows);
          decodeColumn(columns[name], override, frame.rows, column, problems);
          place(column, override, frame);
          continue;
        }
        const problem = problemOf(name, instanceSide);
        if (problem !== undefined) problems.ofRequest(`inputs.${name}`, problem);
      }
    },
  };
}

function sideOf(inputs: readonly InputPlan[], overridable: readonly SlotPlan[], perInstance: boolean): Side {
  const fields = new Set(inputs.map(({ field }) => field));
  const own = overridable.filter((slot) => slot.perInstance === perInstance);
  const overrides = new Map(own.map((slot) => [slot.name, overrideOf(slot)] as const));
  return { inputs: fields, overrides, known: new Set([...fields, ...overrides.keys()]) };
}

/** A value that is absent is not sent; null is. An int64 beyond 2^53 is exact only in inputs, which keep its text. */
function overrideOf({ slot, name, type }: SlotPlan): Override {
  const decoder = fieldDecoder(name, type, true);
  return {
    ...decoder,
    slot,
    decode(value, row, column) {
      if (value === undefined) return undefined;
      const problem = decoder.decode(value, row, column);
      if (problem === undefined && column.states[row] === STATE_UNSAFE) return 'is beyond 2^53, where features round';
      return problem;
    },
  };
}

function decodeOrClear(override: Override, value: unknown, row: number, column: InputColumn): string | undefined {
  const problem = override.decode(value, row, column);
  if (problem !== undefined) clearValue(override.type, row, column);
  return problem;
}

/** A column of which no row is sent yet. */
function newOverrideColumn({ type }: Override, rows: number): InputColumn {
  const column = newInputColumn(type, rows, false);
  if (type === 'string') column.strings.fill(null);
  else column.numbers.fill(Number.NaN);
  return column;
}

function place(column: InputColumn, { slot, type }: Override, frame: Frame): InputColumn {
  const values = type === 'string' ? column.strings : column.numbers;
  (frame.overrides ??= [])[slot] = { values, states: column.states };
  return column;
}

function columnOf(override: Override, opened: Map<Override, InputColumn>, frame: Frame): InputColumn {
  const known = opened.get(override);
  if (known) return known;
  const column = place(newOverrideColumn(override, frame.rows), override, frame);
  opened.set(override, column);
  return column;
}

const NO_NAMES: readonly string[] = [];

/** Names of an object that no input has. */
function namesBeyond(inputs: ReadonlySet<string>, object: Readonly<Record<string, unknown>>): readonly string[] {
  let names: string[] | undefined;
  for (const name in object) {
    if (!inputs.has(name) && object[name] !== undefined) (names ??= []).push(name);
  }
  return names ?? NO_NAMES;
}
