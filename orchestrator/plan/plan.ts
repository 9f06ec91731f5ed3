import type { Evaluate } from '../../cel/expression.ts';
import type { ScalarType } from '../../cel/types.ts';
import type { BatchRead, CacheConfig } from '../../config/schema.ts';

/** One column of the frame that a request fills: an input, a view's field or an on-demand feature. */
export interface SlotPlan {
  slot: number;
  name: string;
  type: ScalarType;
  /** One value an instance, or one value for the whole request. */
  perInstance: boolean;
}

/** A declared input. `textSlot` holds an int64's exact decimal text where a key or an id needs it (beyond 2^53 numbers round). */
export interface InputPlan extends SlotPlan {
  field: string;
  optional: boolean;
  textSlot: number | undefined;
}

export interface KeyPartPlan {
  part: string;
  type: ScalarType;
  /** The slot that already holds the part's values, where it is a bare name. */
  slot: number | undefined;
  perInstance: boolean;
  evaluate: Evaluate;
}

export type Policy = 'default' | 'null' | 'fail';

export interface FieldPlan extends SlotPlan {
  field: string;
  /** In the units of a column (timestamps in ms); NaN or null where the YAML declares none. */
  default: number | string | null;
  hasDefault: boolean;
}

/** Where a view's rows come from. */
export type Origin =
  | { kind: 'store'; store: string; table: string }
  | { kind: 'service'; service: string; get: string | undefined; batch: BatchRead | undefined };

export interface ViewPlan {
  name: string;
  origin: Origin;
  perInstance: boolean;
  key: readonly KeyPartPlan[];
  fields: readonly FieldPlan[];
  maxAgeMs: number | undefined;
  onMissing: Policy;
  onError: Policy;
  nulls: 'keep' | 'default';
  cache: CacheConfig | undefined;
}

/** One read of a model: a view and those of its fields that the model needs. */
export interface FetchStep {
  view: ViewPlan;
  fields: readonly FieldPlan[];
}

export interface ComputeStep extends SlotPlan {
  evaluate: Evaluate;
}

/** One argument of a function: a name of the YAML or an expression, as the column `FEATURE.ARGUMENT`. */
export interface ArgumentPlan {
  column: string;
  type: ScalarType;
  perInstance: boolean;
  /** The slot that already holds the values, where it is a bare name. */
  slot: number | undefined;
  evaluate: Evaluate;
}

/** A feature that a function of another process makes of whole columns. */
export interface CallStep extends SlotPlan {
  args: readonly ArgumentPlan[];
  onError: Policy;
  /** In the units of a column (timestamps in ms); NaN or null where the YAML declares none. */
  default: number | string | null;
  hasDefault: boolean;
}

/**
 * What can be done at once: computes need only earlier levels and each other in order, calls of functions and fetches
 * need these computes.
 */
export interface Level {
  computes: readonly ComputeStep[];
  calls: readonly CallStep[];
  fetches: readonly FetchStep[];
}

/** One column of the model's input. `codes` turns a string into its category's index. */
export interface FeaturePlan {
  name: string;
  slot: SlotPlan;
  codes: ReadonlyMap<string, number> | undefined;
  /** What an unknown category becomes: NaN, a code, or the failure of its instance. */
  unknown: number | 'fail';
  /** What a null string becomes where there are codes: the same. */
  nulls: number | 'fail';
  /** Text that stands for null where a string goes to the model as it is. */
  nullText: string;
}

/** What answers when the model cannot: an expression over what was gathered, for these error codes. */
export interface FallbackPlan {
  evaluate: Evaluate;
  reads: readonly SlotPlan[];
  on: ReadonlySet<string>;
}

export interface ModelPlan {
  name: string;
  deadlineMs: number;
  featuresMs: number;
  modelMs: number;
  /** Inputs that this model reads, directly or through views, on-demand features, id, asOf and fallback. */
  inputs: ReadonlySet<number>;
  levels: readonly Level[];
  features: readonly FeaturePlan[];
  tensors: 'matrix' | 'columns';
  dtype: 'float64' | 'float32';
  id: InputPlan | undefined;
  partial: boolean;
  topK: number | undefined;
  fallback: FallbackPlan | undefined;
  outputs: Readonly<Record<string, { from: string; column?: number | undefined }>> | undefined;
}

/** The compiled YAML: slots for every name, and for each model the steps that fill those it needs. */
export interface Plan {
  slotCount: number;
  requestInputs: readonly InputPlan[];
  instanceInputs: readonly InputPlan[];
  extraInputs: 'refuse' | 'ignore';
  asOf: SlotPlan | undefined;
  /** Fields of views and on-demand features that callers may send in place of having them gathered. */
  overrides: readonly SlotPlan[];
  /** Every name that can be gathered: fields of views (`plane.seats`) and on-demand features. */
  gathered: ReadonlySet<string>;
  /** What a view's field (by its key) or an on-demand feature is made from, by its slot; inputs are left out. */
  madeFrom: ReadonlyMap<number, readonly SlotPlan[]>;
  views: ReadonlyMap<string, ViewPlan>;
  models: ReadonlyMap<string, ModelPlan>;
}
