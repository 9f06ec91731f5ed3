import type { CheckedConfig } from '../../config/checked.ts';
import type { ServiceConfig } from '../../config/schema.ts';
import { describeCache, type CacheDescription } from './cache-bytes.ts';
import type { CallStep, ComputeStep, FeaturePlan, FetchStep, Level, ModelPlan, Plan } from './plan.ts';
import { describeRounds, originText, sumRounds, type ReadCost, type RoundDescription } from './read-rounds.ts';
import { findWorstCase, type WorstCase } from './worst-case.ts';

/** The plan as data, for `explain --json` and the admin port: names, policies and bounds, no closures. */
export interface PlanDescription {
  project: string;
  asOf: string;
  models: ModelDescription[];
  /** Features that callers may send, per object in the instances, per request in `request`. */
  overrides: OverrideDescription[];
  /** The caches of a process, which its models share, and the most that they hold together. */
  caches: { views: { view: string; bytes: number }[]; bytes: number };
}

export interface ModelDescription {
  model: string;
  deadlineMs: number;
  budget: { featuresMs: number; modelMs: number };
  cost: ReadCost;
  worstCase: WorstCase;
  levels: LevelDescription[];
  features: FeatureDescription[];
  fallback: string[];
}

/** What is done at once: first the computes, then every call of a function and every read, those of one store in one round. */
export interface LevelDescription {
  computes: ComputeDescription[];
  calls: CallDescription[];
  reads: ReadDescription[];
  rounds: RoundDescription[];
}

/** Once an object, or once a request and repeated over its objects. */
export type Grain = 'object' | 'request';

interface ComputeDescription {
  name: string;
  type: string;
  per: Grain;
  cel: string;
  /** Names that the expression reads. */
  uses: string[];
}

/** A function of a process beside. */
export interface CallDescription {
  name: string;
  type: string;
  per: Grain;
  /** `./features.py:rush`. */
  function: string;
  /** The expression of each argument. */
  args: Record<string, string>;
  /** Names that the arguments read. */
  uses: string[];
  default: unknown;
  onError: string;
}

export interface ReadDescription {
  view: string;
  kind: 'store' | 'service';
  origin: string;
  /** A service's own limits; null for a store. */
  service: { timeoutMs: number; retries: number; maxConcurrency: number } | null;
  per: Grain;
  key: Record<string, string>;
  /** Names that the key reads. */
  uses: string[];
  fields: Record<string, string>;
  defaults: Record<string, unknown>;
  maxAgeMs: number | null;
  onMissing: string;
  onError: string;
  nulls: string;
  cache: CacheDescription | null;
}

interface FeatureDescription {
  name: string;
  from: string;
  type: string;
  per: Grain;
}

interface OverrideDescription {
  name: string;
  type: string;
  per: Grain;
}

const grain = ({ perInstance }: { perInstance: boolean }): Grain => (perInstance ? 'object' : 'request');

export function describePlan(plan: Plan, checked: CheckedConfig): PlanDescription {
  const models = Array.from(plan.models.values(), (model) => describeModel(model, checked));
  const { project, asOf = 'arrival' } = checked.config;
  const overrides = plan.overrides.map((slot) => ({ name: slot.name, type: slot.type, per: grain(slot) }));
  return { project, asOf, models, overrides, caches: sumCaches(models) };
}

function describeModel(model: ModelPlan, checked: CheckedConfig): ModelDescription {
  const levels = model.levels.map((level) => describeLevel(level, checked));
  return {
    model: model.name,
    deadlineMs: model.deadlineMs,
    budget: { featuresMs: Math.round(model.featuresMs), modelMs: Math.round(model.modelMs) },
    cost: sumRounds(levels.flatMap(({ rounds }) => rounds)),
    worstCase: findWorstCase(model, checked.config.services),
    levels,
    features: model.features.map(describeFeature),
    fallback: [...(model.fallback?.on ?? [])],
  };
}

function describeLevel(level: Level, checked: CheckedConfig): LevelDescription {
  return {
    computes: level.computes.map((step) => describeCompute(step, checked)),
    calls: level.calls.map((step) => describeCall(step, checked)),
    reads: level.fetches.map((step) => describeRead(step, checked)),
    rounds: describeRounds(level),
  };
}

function describeCompute(step: ComputeStep, checked: CheckedConfig): ComputeDescription {
  const { text = '', reads = [] } = checked.onDemand.get(step.name) ?? {};
  return { name: step.name, type: step.type, per: grain(step), cel: text, uses: [...reads] };
}

function describeCall(step: CallStep, checked: CheckedConfig): CallDescription {
  const { file, called, args, reads } = checked.functions.get(step.name)!;
  return {
    name: step.name,
    type: step.type,
    per: grain(step),
    function: `${file}:${called}`,
    args: Object.fromEntries(args.map(({ name, expression }) => [name, expression.text])),
    uses: [...reads],
    default: checked.config.onDemand[step.name].default ?? null,
    onError: step.onError,
  };
}

function describeRead({ view, fields }: FetchStep, checked: CheckedConfig): ReadDescription {
  const { config } = checked;
  const { origin } = view;
  const parts = checked.keys.get(view.name) ?? [];
  return {
    view: view.name,
    kind: origin.kind,
    origin: originText(origin),
    service: origin.kind === 'service' ? describeService(config.services[origin.service]) : null,
    per: grain(view),
    key: Object.fromEntries(parts.map(({ part, expression }) => [part, expression.text])),
    uses: [...new Set(parts.flatMap(({ expression }) => expression.reads))],
    fields: Object.fromEntries(fields.map(({ field, type }) => [field, type])),
    defaults: config.views[view.name]?.defaults ?? {},
    maxAgeMs: view.maxAgeMs ?? null,
    onMissing: view.onMissing,
    onError: view.onError,
    nulls: view.nulls,
    cache: describeCache(view),
  };
}

/** Neither its headers, which hold secrets, nor its address, which the admin port has no need to tell. */
function describeService({ timeout, retries, maxConcurrency }: ServiceConfig): ReadDescription['service'] {
  return { timeoutMs: timeout, retries, maxConcurrency };
}

function describeFeature({ name, slot, codes }: FeaturePlan): FeatureDescription {
  return { name, from: slot.name, type: codes ? `category of ${codes.size}` : slot.type, per: grain(slot) };
}

function sumCaches(models: readonly ModelDescription[]): PlanDescription['caches'] {
  const reads = models.flatMap(({ levels }) => levels.flatMap((level) => level.reads));
  const bytesOf = new Map(reads.flatMap(({ view, cache }) => (cache ? [[view, cache.bytes] as const] : [])));
  return {
    views: Array.from(bytesOf, ([view, bytes]) => ({ view, bytes })),
    bytes: [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}
