import { compileExpression } from '../../cel/compile.ts';
import type { CheckedExpression, Evaluate, Slot } from '../../cel/expression.ts';
import type { ScalarType } from '../../cel/types.ts';
import type { CheckedConfig } from '../../config/checked.ts';
import { argumentColumn } from '../../config/model-functions.ts';
import type { ViewConfig } from '../../config/schema.ts';
import { parseTimestampMs } from '../../foundation/timestamp.ts';
import type {
  ArgumentPlan,
  CallStep,
  FieldPlan,
  InputPlan,
  KeyPartPlan,
  Origin,
  Plan,
  SlotPlan,
  ViewPlan,
} from './plan.ts';
import { compileModel } from './compile-model.ts';

/** A node of the DAG with what it reads, before models pick from it. */
export interface PlanNodes {
  slots: ReadonlyMap<string, SlotPlan>;
  inputs: ReadonlyMap<string, InputPlan>;
  views: ReadonlyMap<string, ViewPlan>;
  /** Names that a view's key or an on-demand feature reads. */
  reads: ReadonlyMap<string, readonly string[]>;
  computes: ReadonlyMap<string, { slot: SlotPlan; evaluate: Evaluate }>;
  calls: ReadonlyMap<string, CallStep>;
  evaluate(expression: CheckedExpression): Evaluate;
}

/** The plan of a checked configuration: pure, opens nothing. Every name is known and nothing is circular by then. */
export function compilePlan(checked: CheckedConfig): Plan {
  const nodes = compileNodes(checked);
  const inputs = [...nodes.inputs.values()];
  return {
    slotCount: nodes.slots.size,
    requestInputs: inputs.filter((input) => !input.perInstance),
    instanceInputs: inputs.filter((input) => input.perInstance),
    extraInputs: checked.config.inputs.extra,
    asOf: checked.config.asOf === undefined ? undefined : nodes.slots.get(checked.config.asOf),
    overrides: checked.config.overrides.map((name) => nodes.slots.get(name)!),
    gathered: gatheredNames(nodes),
    madeFrom: madeFrom(nodes),
    views: nodes.views,
    models: new Map(
      Object.keys(checked.config.models).map((name) => [name, compileModel(name, checked, nodes)] as const),
    ),
  };
}

function compileNodes(checked: CheckedConfig): PlanNodes {
  const { config } = checked;
  const slots = new Map<string, SlotPlan>();
  const inputs = new Map<string, InputPlan>();
  const views = new Map<string, ViewPlan>();
  const computes = new Map<string, { slot: SlotPlan; evaluate: Evaluate }>();
  const calls = new Map<string, CallStep>();
  const reads = new Map<string, readonly string[]>();
  const exact = exactInputs(checked);

  const slotNamed = (name: string): SlotPlan => slots.get(name)!;
  const addSlot = (name: string, type: ScalarType, perInstance: boolean): SlotPlan => {
    const slot = { slot: slots.size, name, type, perInstance };
    slots.set(name, slot);
    return slot;
  };
  const timezone = config.timezone === undefined ? {} : { timezone: config.timezone };
  const evaluate = (expression: CheckedExpression): Evaluate =>
    compileExpression(expression, (name): Slot => slotNamed(name), timezone);

  for (const [side, fields] of Object.entries({ request: config.inputs.request, instance: config.inputs.instance })) {
    for (const [field, { type, optional }] of Object.entries(fields)) {
      const slot = addSlot(`${side}.${field}`, type, side === 'instance');
      const text = exact.has(slot.name) ? addSlot(`${slot.name} as text`, 'string', slot.perInstance) : undefined;
      inputs.set(slot.name, { ...slot, field, optional, textSlot: text?.slot });
    }
  }

  const isPerInstance = (names: readonly string[]): boolean => names.some((name) => slotNamed(name).perInstance);
  /** Views and on-demand features in an order in which everything read is already there. */
  const visit = (name: string): void => {
    if (slots.has(name)) return;
    const view = name.split('.', 1)[0];
    if (checked.onDemand.has(name)) compileOnDemand(name);
    else if (checked.functions.has(name)) compileCall(name);
    else if (!views.has(view)) compileView(view);
  };
  const compileOnDemand = (name: string): void => {
    const expression = checked.onDemand.get(name)!;
    expression.reads.forEach(visit);
    const slot = addSlot(name, config.onDemand[name].type, isPerInstance(expression.reads));
    reads.set(name, expression.reads);
    computes.set(name, { slot, evaluate: evaluate(expression) });
  };
  const compileCall = (name: string): void => {
    const { args, reads: read } = checked.functions.get(name)!;
    read.forEach(visit);
    const { type, default: declared, onError } = config.onDemand[name];
    reads.set(name, read);
    calls.set(name, {
      ...addSlot(name, type, isPerInstance(read)),
      args: args.map((argument): ArgumentPlan => ({
        column: argumentColumn(name, argument.name),
        type: argument.expression.type,
        perInstance: isPerInstance(argument.expression.reads),
        slot: slotOf(argument.expression),
        evaluate: evaluate(argument.expression),
      })),
      onError,
      ...defaultOf(type, declared),
    });
  };
  const slotOf = ({ bareName }: CheckedExpression): number | undefined =>
    bareName === undefined ? undefined : slotNamed(bareName).slot;
  const compileView = (name: string): void => {
    const parts = checked.keys.get(name)!;
    const read = [...new Set(parts.flatMap(({ expression }) => expression.reads))];
    read.forEach(visit);
    const perInstance = isPerInstance(read);
    const view = config.views[name];
    reads.set(name, read);
    views.set(name, {
      name,
      origin: originOf(name, view),
      perInstance,
      key: parts.map(({ part, expression }) => compileKeyPart(part, expression)),
      fields: Object.entries(view.fields).map(([field, { type }]) =>
        fieldPlan(field, addSlot(`${name}.${field}`, type, perInstance), view.defaults[field]),
      ),
      maxAgeMs: view.maxAge,
      onMissing: view.required ? 'fail' : view.onMissing,
      onError: view.required ? 'fail' : view.onError,
      nulls: view.nulls,
      cache: view.cache,
    });
  };
  const compileKeyPart = (part: string, expression: CheckedExpression): KeyPartPlan => {
    const text = expression.bareName === undefined ? undefined : inputs.get(expression.bareName)?.textSlot;
    return {
      part,
      type: expression.type,
      slot: text ?? slotOf(expression),
      perInstance: isPerInstance(expression.reads),
      evaluate: evaluate(expression),
    };
  };

  Object.keys(config.views).forEach((name) => visit(`${name}.`));
  Object.keys(config.onDemand).forEach(visit);
  return { slots, inputs, views, reads, computes, calls, evaluate };
}

function gatheredNames({ views, computes, calls }: PlanNodes): Set<string> {
  const fields = Array.from(views.values(), (view) => view.fields.map(({ name }) => name));
  return new Set([...fields.flat(), ...computes.keys(), ...calls.keys()]);
}

function madeFrom({ slots, inputs, views, computes, calls, reads }: PlanNodes): Map<number, SlotPlan[]> {
  const readBy = (node: string): SlotPlan[] =>
    reads.get(node)!.flatMap((name) => (inputs.has(name) ? [] : [slots.get(name)!]));
  return new Map([
    ...Array.from(views, ([name, { fields }]) => fields.map(({ slot }) => [slot, readBy(name)] as const)).flat(),
    ...Array.from(computes, ([name, { slot }]) => [slot.slot, readBy(name)] as const),
    ...Array.from(calls, ([name, { slot }]) => [slot, readBy(name)] as const),
  ]);
}

/** The configuration's check has seen that a view names a store or a service, and not both. */
function originOf(name: string, { store, table = name, service, get, batch }: ViewConfig): Origin {
  return service === undefined ? { kind: 'store', store: store!, table } : { kind: 'service', service, get, batch };
}

/** int64 inputs that are a key part or an id as they stand: their text is kept, since beyond 2^53 numbers round. */
function exactInputs(checked: CheckedConfig): Set<string> {
  const names = [...checked.keys.values()]
    .flat()
    .filter(({ expression }) => expression.type === 'int64')
    .flatMap(({ expression }) => expression.bareName ?? []);
  const ids = Object.values(checked.config.models).flatMap(({ id }) => id ?? []);
  return new Set([...names, ...ids.filter((id) => checked.types.get(id) === 'int64')]);
}

function fieldPlan(field: string, slot: SlotPlan, declared: string | number | boolean | undefined): FieldPlan {
  return { ...slot, field, ...defaultOf(slot.type, declared) };
}

function defaultOf(
  type: ScalarType,
  declared: string | number | boolean | undefined,
): Pick<FieldPlan, 'default' | 'hasDefault'> {
  if (declared !== undefined) return { default: columnValue(declared, type), hasDefault: true };
  return { default: type === 'string' ? null : Number.NaN, hasDefault: false };
}

/** A literal of the YAML in the units of a column; the configuration's check has seen that it fits its type. */
function columnValue(literal: string | number | boolean, type: ScalarType): number | string {
  if (type === 'string') return String(literal);
  return type === 'timestamp' ? parseTimestampMs(String(literal)) : Number(literal);
}
