import type { CheckedConfig } from '../../config/checked.ts';
import { formatDuration } from '../../foundation/duration.ts';
import type { ComputeStep, FeaturePlan, FetchStep, ModelPlan, Plan } from './plan.ts';

/** The plan as data, for `explain --json` and the admin port: names and policies, no closures. */
export interface PlanDescription {
  project: string;
  asOf: string;
  models: ModelDescription[];
}

interface ModelDescription {
  model: string;
  deadlineMs: number;
  budget: { featuresMs: number; modelMs: number };
  levels: { computes: ComputeDescription[]; reads: ReadDescription[] }[];
  features: { name: string; from: string; type: string; per: Grain }[];
  fallback: string[];
}

type Grain = 'object' | 'request';

interface ComputeDescription {
  name: string;
  type: string;
  per: Grain;
  cel: string;
}

interface ReadDescription {
  view: string;
  origin: string;
  per: Grain;
  key: Record<string, string>;
  fields: Record<string, string>;
  defaults: Record<string, unknown>;
  maxAgeMs: number | null;
  onMissing: string;
  onError: string;
  nulls: string;
}

const grain = ({ perInstance }: { perInstance: boolean }): Grain => (perInstance ? 'object' : 'request');

export function describePlan(plan: Plan, checked: CheckedConfig): PlanDescription {
  return {
    project: checked.config.project,
    asOf: checked.config.asOf ?? 'arrival',
    models: Array.from(plan.models.values(), (model) => describeModel(model, checked)),
  };
}

function describeModel(model: ModelPlan, checked: CheckedConfig): ModelDescription {
  return {
    model: model.name,
    deadlineMs: model.deadlineMs,
    budget: { featuresMs: Math.round(model.featuresMs), modelMs: Math.round(model.modelMs) },
    levels: model.levels.map(({ computes, fetches }) => ({
      computes: computes.map((step) => describeCompute(step, checked)),
      reads: fetches.map((step) => describeRead(step, checked)),
    })),
    features: model.features.map(describeFeature),
    fallback: [...(model.fallback?.on ?? [])],
  };
}

function describeCompute(step: ComputeStep, checked: CheckedConfig): ComputeDescription {
  const cel = checked.onDemand.get(step.name)?.text ?? '';
  return { name: step.name, type: step.type, per: grain(step), cel };
}

function describeRead({ view, fields }: FetchStep, checked: CheckedConfig): ReadDescription {
  const parts = checked.keys.get(view.name) ?? [];
  return {
    view: view.name,
    origin: view.origin.kind === 'store' ? `${view.origin.store}/${view.origin.table}` : view.origin.service,
    per: grain(view),
    key: Object.fromEntries(parts.map(({ part, expression }) => [part, expression.text])),
    fields: Object.fromEntries(fields.map(({ field, type }) => [field, type])),
    defaults: checked.config.views[view.name]?.defaults ?? {},
    maxAgeMs: view.maxAgeMs ?? null,
    onMissing: view.onMissing,
    onError: view.onError,
    nulls: view.nulls,
  };
}

function describeFeature({ name, slot, codes }: FeaturePlan): ModelDescription['features'][number] {
  return { name, from: slot.name, type: codes ? `category of ${codes.size}` : slot.type, per: grain(slot) };
}

/** The description for a person, one model after the other. */
export function printPlan(description: PlanDescription): string {
  const lines = [`project ${description.project}, as of ${description.asOf}`];
  for (const model of description.models) {
    const { featuresMs, modelMs } = model.budget;
    const budget = `features ${formatDuration(featuresMs)}, model ${formatDuration(modelMs)}`;
    lines.push('', `model ${model.model}: deadline ${formatDuration(model.deadlineMs)} (${budget})`);
    for (const [level, { computes, reads }] of model.levels.entries()) {
      lines.push(`  level ${level}`);
      for (const { name, per, type, cel } of computes)
        lines.push(`    compute ${name} = ${cel}  (${type}, per ${per})`);
      for (const read of reads) lines.push(...printRead(read));
    }
    lines.push(`  features (${model.features.length})`);
    for (const [column, { name, from, type, per }] of model.features.entries()) {
      lines.push(
        `    ${String(column).padStart(3)} ${name}${from === name ? '' : ` from ${from}`}  (${type}, per ${per})`,
      );
    }
    if (model.fallback.length > 0) lines.push(`  fallback on ${model.fallback.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function printRead(read: ReadDescription): string[] {
  const key = Object.entries(read.key).map(([part, text]) => (part === text ? part : `${part}: ${text}`));
  const policies = [
    `missing: ${read.onMissing}`,
    `error: ${read.onError}`,
    `nulls: ${read.nulls}`,
    ...(read.maxAgeMs === null ? [] : [`maxAge: ${formatDuration(read.maxAgeMs)}`]),
  ];
  const fields = Object.entries(read.fields).map(([name, type]) => {
    const fallback = read.defaults[name];
    return `${name} ${type}${fallback === undefined ? '' : ` else ${JSON.stringify(fallback)}`}`;
  });
  return [
    `    read ${read.view} from ${read.origin}  (per ${read.per})`,
    `      by ${key.join(', ')}`,
    `      ${fields.join(', ')}`,
    `      ${policies.join(', ')}`,
  ];
}
