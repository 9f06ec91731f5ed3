import { join, resolve } from 'node:path';
import type { CheckedConfig } from '../config/checked.ts';
import { codesKey } from '../foundation/codes-key.ts';
import { AppError } from '../foundation/errors.ts';
import { localModelPath } from '../foundation/model-path.ts';
import { isLibrary, MODEL_LIBRARIES, runsInPython } from '../foundation/predictor-file.ts';
import { wrapperTarget } from '../foundation/socket-path.ts';
import type { BatchingLimits } from './batching/batching-policy.ts';
import { pythonOf } from './interpreter.ts';
import type { Machine } from './machine.ts';

/** A feature as the model's tensors carry it. */
export interface HostedFeature {
  name: string;
  /** As the YAML types it, before `categories`. */
  type: string;
  datatype: 'FP64' | 'FP32' | 'BYTES';
  /** Names its list of categories; absent where it has none. */
  codes?: string;
}

/** A function as its process hosts it: the feature that it makes, and what it is called with. */
export interface HostedFunction {
  feature: string;
  /** The type of the feature. */
  type: string;
  /** Absolute. */
  file: string;
  /** Its name in the file. */
  called: string;
  args: { name: string; type: string }[];
}

/**
 * All that the child which hosts one model needs to know, as plain data: the supervisor reads the YAML once, so that a
 * restart neither waits for it nor meets a file that is being edited.
 */
export interface HostSpec {
  model: string;
  /**
   * The library of a model without code, or an absolute path; a Python one may name its class, `/predictor.py:DelayRisk`;
   * of functions the first's file.
   */
  predictor: string;
  /** The interpreter of what runs in Python, a path or a command; undefined for all else. */
  python?: string;
  /** What is hosted in place of a predictor, in Python. */
  functions?: HostedFunction[];
  /** Absolute; undefined where the YAML names none (a class then loads from its own folder). */
  modelUri: string | undefined;
  /** Whether a model without code may come from a file that can run code. */
  trustPickle: boolean;
  features: HostedFeature[];
  tensors: 'matrix' | 'columns';
  dtype: 'float64' | 'float32';
  /** `unix:PATH` or `host:port`. */
  target: string;
  /** How many processes host the model, this one among them. */
  replicas: number;
  /** Threads that one `predict` may compute on. */
  threads: number;
  /** How calls are computed together; undefined: each alone. */
  batching: BatchingLimits | undefined;
  /** Permission bits of the socket. */
  socketMode: number;
  hangAfterMs: number;
  /** How long a stopped wrapper waits for its callers to leave. */
  drainTimeoutMs: number;
  logLevel: string;
  /** Where V8 keeps compiled modules, so that a restart is a third quicker. Absolute. */
  cacheDir: string;
}

/**
 * The model that `tandem wrap` hosts: `name`, or the only one of the file.
 * @throws AppError UNKNOWN_MODEL (wrong usage) where the name is missing or unknown, INVALID_INPUT where the YAML names
 * no predictor or a modelUri that is not in the file system.
 */
export function hostSpec(
  checked: CheckedConfig,
  name: string | undefined,
  machine: Machine,
  stateDir?: string,
): HostSpec {
  const { config, folder } = checked;
  const model = chosenModel(checked, name);
  const { wrapper } = config.models[model];
  const { predictor, python, modelUri, tensors, dtype } = wrapper;
  const replicas = wrapper.replicas === 'auto' ? machine.cpus : wrapper.replicas;
  if (predictor === undefined) {
    throw new AppError(
      'INVALID_INPUT',
      `models.${model}.wrapper names no predictor: a .ts, .js or .py file, or ${MODEL_LIBRARIES.join(', ')}.`,
    );
  }
  if (isLibrary(predictor) && modelUri === undefined) {
    throw new AppError(
      'INVALID_INPUT',
      `models.${model}.wrapper.modelUri is missing; \`predictor: ${predictor}\` opens it.`,
    );
  }
  const state = resolve(folder, stateDir ?? config.server.stateDir);
  const numbers = dtype === 'float32' ? 'FP32' : 'FP64';
  return {
    model,
    predictor: isLibrary(predictor) ? predictor : resolve(folder, predictor),
    ...(runsInPython(predictor, python) && { python: pythonOf(folder, python, machine.environment) }),
    modelUri: modelUri === undefined ? undefined : modelPath(folder, model, modelUri),
    trustPickle: wrapper.trustPickle,
    features: (checked.features.get(model) ?? []).map((feature) => ({
      name: feature.name,
      type: feature.type,
      datatype: feature.type === 'string' && feature.categories === undefined ? 'BYTES' : numbers,
      ...(feature.categories && { codes: codesKey(feature.categories) }),
    })),
    tensors,
    dtype,
    target: wrapperTarget(model, wrapper.address, state),
    replicas,
    threads: wrapper.threads ?? threadsOf(predictor, machine, replicas),
    batching: wrapper.batching && { maxRows: wrapper.batching.maxRows, maxWaitMs: wrapper.batching.maxWait },
    socketMode: Number.parseInt(wrapper.socketMode, 8),
    hangAfterMs: wrapper.hangAfter,
    drainTimeoutMs: config.server.drain.timeout,
    logLevel: config.telemetry.logs.level,
    cacheDir: join(state, 'compile-cache'),
  };
}

/**
 * Of a class: what the environment says, or its share of the CPUs. Of a model that is opened by its kind: one, since the
 * rows of a call are few, and threads that wait for each other cost more than they save.
 */
export function threadsOf(predictor: string, { environment, cpus }: Machine, replicas: number): number {
  if (isLibrary(predictor)) return 1;
  const said = Number.parseInt(environment['OMP_NUM_THREADS'] ?? '', 10);
  return said >= 1 ? said : Math.max(1, Math.floor(cpus / replicas));
}

/** The model of this name, or the only one of the file. Throws AppError UNKNOWN_MODEL where there is none, or several. */
export function chosenModel({ config }: CheckedConfig, name: string | undefined): string {
  const models = Object.keys(config.models);
  const model = name ?? onlyModel(models);
  if (models.includes(model)) return model;
  throw new AppError('UNKNOWN_MODEL', `There is no model "${model}"; there are ${models.join(', ')}.`);
}

function onlyModel(models: readonly string[]): string {
  const [only] = models;
  if (only !== undefined && models.length === 1) return only;
  throw new AppError(
    'UNKNOWN_MODEL',
    `The file has ${models.length} models; choose one: --model ${models.join(' | ')}`,
  );
}

/** The path that a modelUri names. Throws AppError INVALID_INPUT where it is an address of another kind. */
function modelPath(folder: string, model: string, uri: string): string {
  const path = localModelPath(folder, uri);
  if (path !== undefined) return path;
  const scheme = uri.slice(0, uri.indexOf('://') + 3);
  throw new AppError(
    'INVALID_INPUT',
    `models.${model}.wrapper.modelUri is a path or a file: URL; ${scheme} is not read.`,
  );
}
