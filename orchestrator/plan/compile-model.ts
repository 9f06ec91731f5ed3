import type { CheckedExpression } from '../../cel/expression.ts';
import type { CheckedConfig, CheckedFeature } from '../../config/checked.ts';
import { stageBudgets } from '../../config/budget.ts';
import type { PlanNodes } from './compile-plan.ts';
import type {
  CallStep,
  ComputeStep,
  FallbackPlan,
  FeaturePlan,
  FetchStep,
  FieldPlan,
  Level,
  ModelPlan,
} from './plan.ts';

/** The steps that fill what one model needs, and how its input is laid out. */
export function compileModel(name: string, checked: CheckedConfig, nodes: PlanNodes): ModelPlan {
  const model = checked.config.models[name];
  const features = checked.features.get(name)!;
  const fallback = checked.fallbacks.get(name);
  const asOf = checked.config.asOf;
  const wanted = [
    ...features.map((feature) => feature.from),
    ...(model.id === undefined ? [] : [model.id]),
    ...(asOf === undefined ? [] : [asOf]),
    ...(fallback?.reads ?? []),
  ];
  const needed = withAllReads(wanted, nodes);
  return {
    name,
    deadlineMs: model.deadline,
    ...stageBudgets(model),
    inputs: new Set([...needed].flatMap((each) => nodes.inputs.get(each)?.slot ?? [])),
    levels: compileLevels(needed, nodes),
    features: features.map((feature) => featurePlan(feature, nodes)),
    tensors: model.wrapper.tensors,
    dtype: model.wrapper.dtype,
    id: model.id === undefined ? undefined : nodes.inputs.get(model.id),
    partial: model.partial,
    topK: model.topK,
    fallback: model.fallback && fallback && fallbackPlan(fallback, model.fallback.on, nodes),
    outputs: model.outputs,
  };
}

/** The names, and all that they read through views and on-demand features. */
function withAllReads(names: readonly string[], nodes: PlanNodes): Set<string> {
  const seen = new Set<string>();
  const add = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    nodes.reads.get(nodeOf(name, nodes))?.forEach(add);
  };
  names.forEach(add);
  return seen;
}

/** The view that a dotted name belongs to, or the name itself (an input or an on-demand feature). */
function nodeOf(name: string, nodes: PlanNodes): string {
  const view = name.split('.', 1)[0];
  return nodes.views.has(view) ? view : name;
}

/**
 * Levels of the DAG: a view waits for the level of what its key reads, what is read from it comes a level later;
 * so is what a function of another process makes. An expression is computed at the level at which the last thing it
 * reads is there.
 */
function compileLevels(needed: ReadonlySet<string>, nodes: PlanNodes): Level[] {
  const levelOf = new Map<string, number>();
  /** The level at which a name's values can be read. */
  const availableAt = (name: string): number => {
    const node = nodeOf(name, nodes);
    const known = levelOf.get(node);
    if (known !== undefined) return known;
    const reads = nodes.reads.get(node) ?? [];
    const level = Math.max(0, ...reads.map(availableAt)) + (nodes.views.has(node) || nodes.calls.has(node) ? 1 : 0);
    levelOf.set(node, level);
    return level;
  };
  const levels: { computes: ComputeStep[]; calls: CallStep[]; fetches: FetchStep[] }[] = [];
  const at = (level: number) => (levels[level] ??= { computes: [], calls: [], fetches: [] });

  for (const [name, view] of nodes.views) {
    const fields: FieldPlan[] = view.fields.filter((field) => needed.has(field.name));
    if (fields.length > 0) at(availableAt(name) - 1).fetches.push({ view, fields });
  }
  for (const [name, { slot, evaluate }] of nodes.computes) {
    if (needed.has(name)) at(availableAt(name)).computes.push({ ...slot, evaluate });
  }
  for (const [name, call] of nodes.calls) if (needed.has(name)) at(availableAt(name) - 1).calls.push(call);
  return Array.from(levels, (level) => level ?? { computes: [], calls: [], fetches: [] });
}

function fallbackPlan(expression: CheckedExpression, on: readonly string[], nodes: PlanNodes): FallbackPlan {
  return {
    evaluate: nodes.evaluate(expression),
    reads: expression.reads.map((name) => nodes.slots.get(name)!),
    on: new Set(on),
  };
}

function featurePlan(feature: CheckedFeature, nodes: PlanNodes): FeaturePlan {
  return {
    name: feature.name,
    slot: nodes.slots.get(feature.from)!,
    codes: feature.categories && new Map(feature.categories.map((text, code) => [text, code] as const)),
    unknown: feature.unknown === 'null' ? Number.NaN : feature.unknown,
    nulls: feature.nulls === 'keep' ? Number.NaN : feature.nulls,
    nullText: feature.default === undefined ? '' : String(feature.default),
  };
}
