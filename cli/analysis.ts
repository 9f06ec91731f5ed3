import type { Answer, Degraded, Timing } from '../orchestrator/predict/call.ts';
import type { InstanceId } from '../orchestrator/predict/ids.ts';
import type { StepTime } from '../orchestrator/predict/step-watch.ts';
import { SOURCES, STATUSES, type Column, type SourceName, type StatusName } from '../orchestrator/plan/column.ts';
import type { FeaturePlan, ModelPlan } from '../orchestrator/plan/plan.ts';
import { formatTimestamp } from '../foundation/timestamp.ts';

/** One live request taken apart: what `tandem explain --analyze --json` prints. Times in ms. */
export interface Analysis {
  model: string;
  /** Why the model was not asked; null where it was. */
  notAsked: string | null;
  /** The code that the fallback stood in for. */
  fallback: string | null;
  asOf: string;
  rows: number;
  instances: AnalysedInstance[];
  steps: StepTime[];
  degraded: Degraded[];
  timing: Timing;
  budget: { featuresMs: number; modelMs: number; deadlineMs: number };
}

export interface AnalysedInstance {
  instance: number;
  id: InstanceId;
  /** By name of the output. */
  outputs: Record<string, unknown>;
  error: { code: string; error: string } | null;
  features: AnalysedFeature[];
}

export interface AnalysedFeature {
  name: string;
  /** As the model has it: a category is its code. */
  value: number | string | null;
  category: string | null;
  status: StatusName;
  source: SourceName;
  ageMs: number | null;
  /** Of the step that made it; null for an input. */
  timeMs: number | null;
}

/** The answer to a call with `want: features` or `both`, its first `shown` instances in full. */
export function analyseAnswer(
  plan: ModelPlan,
  answer: Answer,
  steps: StepTime[],
  options: { shown: number; notAsked: string | undefined },
): Analysis {
  const planned = new Map(plan.features.map((feature) => [feature.name, feature] as const));
  const timeOf = new Map(steps.map(({ name, ms }) => [name, ms] as const));
  const columns = answer.gathered.map((column) => ({ column, feature: planned.get(column.name)! }));
  const instances = Array.from({ length: Math.min(options.shown, answer.rows) }, (_, row): AnalysedInstance => {
    const failed = answer.errors.find(({ instance }) => instance === row)?.error;
    return {
      instance: row,
      id: answer.ids?.[row] ?? null,
      outputs: Object.fromEntries(answer.outputs.map(({ name, values }) => [name, values[row] ?? null])),
      error: failed ? { code: failed.code, error: failed.message } : null,
      features: columns.map(({ column, feature }) => analyseFeature(column, feature, row, answer.asOfMs, timeOf)),
    };
  });
  return {
    model: plan.name,
    notAsked: options.notAsked ?? null,
    fallback: answer.fallback ?? null,
    asOf: formatTimestamp(answer.asOfMs),
    rows: answer.rows,
    instances,
    steps,
    degraded: answer.degraded,
    timing: answer.timing,
    budget: { featuresMs: plan.featuresMs, modelMs: plan.modelMs, deadlineMs: plan.deadlineMs },
  };
}

function analyseFeature(
  { name, values, status, source, timestampMs }: Column,
  { slot, codes }: FeaturePlan,
  row: number,
  asOfMs: number,
  timeOf: ReadonlyMap<string, number | null>,
): AnalysedFeature {
  const value = numberOrNull(values[row] ?? null);
  const ageMs = numberOrNull(Math.max(0, asOfMs - (timestampMs?.[row] ?? Number.NaN)));
  const [owner] = slot.name.split('.', 1);
  return {
    name,
    value,
    category: [...(codes ?? [])].find(([, code]) => code === value)?.[0] ?? null,
    status: STATUSES[status[row]],
    source: SOURCES[source[row]],
    ageMs,
    timeMs: timeOf.get(slot.name) ?? timeOf.get(owner) ?? null,
  };
}

/** Null is NaN in a column. */
function numberOrNull<Value>(value: Value): Value | null {
  return Number.isNaN(value) ? null : value;
}
