import type { AppError } from '../foundation/errors.ts';
import type { CheckedConfig } from '../config/checked.ts';
import type { Store } from './features/source.ts';
import type { Matrix } from './matrix/matrix.ts';
import type { ModelClient } from './model/client.ts';
import type { ModelPlan, Plan } from './plan/plan.ts';
import type { DecodeInputs } from './predict/decode-inputs.ts';
import type { Gather } from './predict/gather.ts';
import type { ReadOutputs } from './predict/outputs.ts';

/** A model of a running deployment: its compiled steps, and the client to where it is hosted. */
export interface DeployedModel {
  plan: ModelPlan;
  decode: DecodeInputs;
  gather: Gather;
  matrix: Matrix;
  client: ModelClient | undefined;
  /** The reader of the loaded model's outputs; undefined until it has been loaded once. */
  readOutputs: ReadOutputs | undefined;
  /** Why a loaded model cannot serve (its outputs are not those that the YAML names). */
  problem: AppError | undefined;
}

/** One immutable running set of configuration, plan, models and connections. */
export interface Deployment {
  revision: string;
  checked: CheckedConfig;
  plan: Plan;
  models: ReadonlyMap<string, DeployedModel>;
  stores: ReadonlyMap<string, Store>;
  close(): Promise<void>;
}

/** A deployment held by a call until its answer is written. */
export interface Pin {
  deployment: Deployment;
  release(): void;
}
